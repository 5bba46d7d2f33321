#include "gateway/feeds/instance_stream.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

using steady = std::chrono::steady_clock;

constexpr std::int32_t page_size = 500;
constexpr std::chrono::seconds quiet_limit{15};
constexpr std::chrono::milliseconds poll_pause{50};

std::string list_of(const std::vector<events::position>& places) {
    std::string list;
    for (const auto& place : places) {
        if (place.at >= 0) {
            list += list.empty() ? "" : ",";
            list += to_string(place);
        }
    }
    return list;
}

/// Up to where the archive holds what is known of the partition.
events::offset readable_end(infra::event_log& log, events::partition_id partition) {
    return std::min(log.archived(partition), log.tail().known_end(partition).value_or(-1));
}

/// The next messages of the first partition that has some, or only moves places on.
task<std::string> next_messages(
    services& with, const query::history_filter& filter, std::vector<events::position>& reached
) {
    for (auto& place : reached) {
        const auto end = readable_end(with.log, place.partition);
        if (end <= place.at) {
            continue;
        }
        std::vector<query::history_range> range(1, {place.partition, place.at, end});
        query::history events(with.database, filter, std::move(range));
        const auto page = co_await events.next(page_size);
        std::string text;
        for (const auto& event : page) {
            place.at = event.offset;
            text += "id: " + list_of(reached) + "\ndata: ";
            events::json::write(text, event);
            text += "\n\n";
        }
        if (std::cmp_less(page.size(), page_size)) {
            place.at = end;
        }
        if (!text.empty()) {
            co_return co_await open_personal(with, std::move(text));
        }
    }
    co_return std::string();
}

}  // namespace

task<void> write_instance_stream(services& with, instance_stream what, body_writer& writer) {
    const auto executor = co_await asio::this_coro::executor;
    auto& counters = with.feeds.counters();
    const counted_connection counted(counters.event_streams);
    const auto is_closed = std::make_shared<bool>(false);
    writer.on_close([is_closed] { *is_closed = true; });
    asio::steady_timer pause(executor);
    // The head of the answer goes out with this, so that the client knows it is connected.
    std::string text = ": heartbeat\n\n";
    auto quiet_until = steady::now();
    while (!*is_closed && with.clock.now() < what.who.expires_at &&
           with.changes.still_holds(what.who)) {
        if (!text.empty()) {
            co_await writer.write(std::move(text));
            quiet_until = steady::now() + quiet_limit;
        }
        text = co_await next_messages(with, what.filter, what.after);
        if (text.empty()) {
            pause.expires_after(poll_pause);
            co_await pause.async_wait(asio::use_awaitable);
        }
        if (text.empty() && steady::now() >= quiet_until) {
            text = ": heartbeat\n\n";
        }
    }
    writer.on_close({});
}

}  // namespace teamflow::gateway
