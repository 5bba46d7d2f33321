#include "gateway/feeds/state_stream.hpp"

#include <memory>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::seconds quiet_limit{15};

struct state_stream {
    state_look look;
    std::chrono::milliseconds every;
    /// Whose access ends the stream when it ends.
    principal who;
};

bool may_go_on(const services& with, const principal& who) {
    return with.clock.now() < who.expires_at && with.changes.still_holds(who);
}

task<void> write_state_stream(services& with, state_stream what, body_writer& writer) {
    const auto executor = co_await asio::this_coro::executor;
    const counted_connection counted(with.feeds.counters().event_streams);
    asio::steady_timer pause(executor);
    const auto is_closed = std::make_shared<bool>(false);
    writer.on_close([is_closed] { *is_closed = true; });
    std::string told;
    auto quiet_until = steady::now();
    while (!*is_closed && may_go_on(with, what.who)) {
        auto state = co_await what.look();
        if (!state) {
            break;
        }
        if (*state != told) {
            told = *std::move(state);
            co_await writer.write("data: " + told + "\n\n");
            quiet_until = steady::now() + quiet_limit;
        } else if (steady::now() >= quiet_until) {
            co_await writer.write(": heartbeat\n\n");
            quiet_until = steady::now() + quiet_limit;
        }
        pause.expires_after(what.every);
        co_await pause.async_wait(asio::use_awaitable);
    }
    writer.on_close({});
}

response streamed(services& with, state_stream what) {
    response answer;
    answer.content_type = media::event_stream;
    answer.add_header("Cache-Control", "no-store");
    answer.body = [&with, what = std::move(what)](body_writer& writer) {
        return write_state_stream(with, what, writer);
    };
    return answer;
}

struct following {
    std::function<task<response>(call&)> answer_once;
    std::function<state_look(call&)> look_of;
    std::chrono::milliseconds every;
};

task<response> answer(call& under_way, const following& how) {
    if (under_way.media != media::event_stream) {
        co_return co_await how.answer_once(under_way);
    }
    if (auto fault = problem_of(read_parameters<state_parameters>(under_way.http))) {
        co_return to_response(*std::move(fault), under_way.http.request_id);
    }
    auto look = how.look_of(under_way);
    const auto found = co_await look();
    if (!found) {
        co_return co_await how.answer_once(under_way);
    }
    state_stream stream{.look = std::move(look), .every = how.every, .who = under_way.who};
    co_return streamed(under_way.with, std::move(stream));
}

}  // namespace

route followed(
    route made, std::function<state_look(call&)> look_of, std::chrono::milliseconds every
) {
    made.media.push_back(media::event_stream);
    made.takes_ticket = true;
    following how{
        .answer_once = std::move(made.handle), .look_of = std::move(look_of), .every = every
    };
    made.handle = [how = std::move(how)](call& under_way) { return answer(under_way, how); };
    return made;
}

}  // namespace teamflow::gateway
