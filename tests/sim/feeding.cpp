#include "tests/sim/feeding.hpp"

#include <utility>

#include "gateway/feeds/event_stream.hpp"
#include "gateway/feeds/feed_start.hpp"
#include "gateway/feeds/websocket_feed.hpp"
#include "gateway/http/handler.hpp"
#include "infra/postgres/error.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr duration start_limit = 2s;

infra::task<std::string> as_it_is(std::string text) {
    co_return text;
}

}  // namespace

feeding::feeding(
    world& around,
    infra::event_log& log,
    infra::stream_archive& archive,
    const infra::clock& clock,
    boost::asio::any_io_executor executor
)
    : world_(around), log_(log), archive_(archive), clock_(clock), executor_(std::move(executor)) {
    auto& chance = world_.chance;
    inbox_.events = chance.one_in(2) ? 1 + chance.roll(8) : inbox_.events;
    queue_ = 2 + chance.roll(chance.one_in(2) ? 6 : 60);
}

void feeding::start() {
    boost::asio::co_spawn(executor_, begin(shared_from_this()), boost::asio::detached);
}

/// A process whose log does not answer ends and is started again.
infra::task<> feeding::begin(self_ptr self) {
    while (!self->is_stopped_) {
        std::vector<boost::asio::any_io_executor> threads(1, self->executor_);
        auto made = std::make_unique<gateway::live_feeds>(self->log_, std::move(threads));
        bool is_begun = false;
        try {
            co_await made->start();
            is_begun = true;
        } catch (const infra::log_unavailable&) {
            self->world_.note("feeds could not begin");
        }
        if (is_begun) {
            self->feeds_ = std::move(made);
            if (self->is_stopped_) {
                self->feeds_->stop();
            }
            co_return;
        }
        infra::steady_timer pause(self->executor_, 100ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

void feeding::serve(const feed_order& what, const std::shared_ptr<wire>& to) {
    boost::asio::co_spawn(executor_, follow(shared_from_this(), what, to), boost::asio::detached);
}

infra::task<> feeding::follow(self_ptr self, feed_order what, std::shared_ptr<wire> to) {
    if (!self->feeds_ || self->is_draining_) {
        to->close(0, "refused");
        co_return;
    }
    ++self->open_;
    try {
        const auto partition = events::partition_of(what.organization, self->log_.partitions());
        what.after = co_await gateway::start_behind(self->log_, partition, what.after, start_limit);
        gateway::feed_parts with{
            .feeds = *self->feeds_,
            .history = self->archive_,
            .clock = self->clock_,
            .changes = self->changes_,
            .open = as_it_is,
            .inbox = self->inbox_
        };
        if (what.as_stream) {
            co_await self->run_stream(std::move(with), what, to);
        } else {
            co_await self->run_socket(std::move(with), what, to);
        }
    } catch (const gateway::unavailable& failure) {
        self->end(*to, 0, failure.code());
    } catch (const infra::postgres_error& failure) {
        self->end(*to, 0, failure.what());
    } catch (const boost::system::system_error& failure) {
        self->end(*to, 0, failure.what());
    } catch (...) {
        self->failure_ = std::current_exception();
    }
    --self->open_;
}

infra::task<> feeding::run_socket(
    gateway::feed_parts with, feed_order what, std::shared_ptr<wire> to
) {
    const auto socket = std::make_shared<feed_socket>(executor_, to, queue_);
    add(socket, to);
    gateway::websocket_feed feed{
        .organization = what.organization,
        .filter = gateway::feed_filter::parse(what.topics, events::role::owner).value(),
        .after = what.after.value(),
        .who = principal_of(what)
    };
    try {
        co_await gateway::run_websocket_feed(std::move(with), std::move(feed), socket);
    } catch (...) {
        // What waits for its end hears of it, as in a session.
        socket->close(gateway::close_code::internal_error, "internal error");
        throw;
    }
    socket->close(gateway::close_code::normal, {});
}

infra::task<> feeding::run_stream(
    gateway::feed_parts with, feed_order what, std::shared_ptr<wire> to
) {
    const auto body = std::make_shared<feed_body>(executor_, to);
    add(body, to);
    gateway::event_stream feed{
        .organization = what.organization,
        .filter = {.organization = what.organization},
        .after = what.after.value(),
        .who = principal_of(what)
    };
    co_await gateway::write_event_stream(std::move(with), std::move(feed), *body);
    end(*to, 0, "the stream ends");
}

void feeding::end(wire& to, std::uint16_t code, const std::string& reason) const {
    if (!is_cut_) {
        to.close(code, reason);
    }
}

gateway::principal feeding::principal_of(const feed_order& what) const {
    gateway::principal who;
    who.organization = what.organization;
    who.role = events::role::owner;
    who.expires_at = clock_.now() + what.token_life;
    return who;
}

void feeding::add(const std::shared_ptr<feed_session>& session, const std::shared_ptr<wire>& to) {
    std::erase_if(sessions_, [](const auto& each) { return each.session.expired(); });
    sessions_.push_back({session, to});
    to->attach(session);
    if (is_draining_) {
        session->drain();
    }
}

void feeding::drain() {
    is_draining_ = true;
    for (const auto& each : sessions_) {
        if (const auto session = each.session.lock()) {
            session->drain();
        }
    }
}

void feeding::cut() {
    is_draining_ = true;
    is_cut_ = true;
    for (const auto& each : sessions_) {
        if (const auto session = each.session.lock()) {
            session->lost();
            if (!world_.chance.one_in(4)) {
                each.to->close(0, "reset");
            }
        }
    }
}

void feeding::stop() {
    is_stopped_ = true;
    if (feeds_) {
        feeds_->stop();
    }
}

std::string feeding::leftovers() const {
    if (!feeds_) {
        return open_ == 0 ? "" : "a connection without feeds";
    }
    const auto& counts = feeds_->counters();
    if (open_ + static_cast<std::size_t>(counts.subscribers) == 0 && counts.websockets == 0 &&
        counts.event_streams == 0) {
        return {};
    }
    return fmt::format(
        "{} connections, {} subscriptions, {} sockets, {} streams",
        open_,
        counts.subscribers.load(),
        counts.websockets.load(),
        counts.event_streams.load()
    );
}

}  // namespace teamflow::sim
