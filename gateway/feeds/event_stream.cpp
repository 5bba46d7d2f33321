#include "gateway/feeds/event_stream.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "gateway/api/route.hpp"
#include "gateway/feeds/feed_reader.hpp"
#include "infra/steady_timer.hpp"
#include "query/event_csv.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

constexpr std::int32_t page_size = 500;
constexpr std::chrono::seconds quiet_limit{15};
/// A control character: it stands in no JSON text.
constexpr char separator = '\x1e';

/// Opens the personal fields in the data of all events with one look-up.
task<> open_data(services& with, std::vector<query::event_view>& events) {
    std::string all;
    for (const auto& event : events) {
        all += event.data.value;
        all += separator;
    }
    all = co_await open_personal(with, std::move(all));
    std::size_t begin = 0;
    for (auto& event : events) {
        const auto end = all.find(separator, begin);
        event.data.value = all.substr(begin, end - begin);
        begin = end + 1;
    }
}

/// The wanted events of a batch as messages of the stream.
std::string messages_of(
    const feed_batch& batch, const query::history_filter& filter, feed_counters& counters
) {
    std::string text;
    for (const auto& event : batch) {
        if (!filter.wants(*event.record)) {
            continue;
        }
        text += "id: " + to_string(events::position{event.record->partition, event.record->at});
        text += "\ndata: ";
        events::json::write(text, query::view_of(*event.record));
        text += "\n\n";
        ++counters.events_sent;
    }
    return text;
}

}  // namespace

task<void> write_ndjson(services& with, query::history events, body_writer& writer) {
    while (true) {
        const auto page = co_await events.next(page_size);
        std::string lines;
        for (const auto& event : page) {
            events::json::write(lines, event);
            lines += '\n';
        }
        lines = co_await open_personal(with, std::move(lines));
        co_await writer.write(std::move(lines));
        if (std::cmp_less(page.size(), page_size)) {
            co_return;
        }
    }
}

task<void> write_csv(services& with, query::history events, body_writer& writer) {
    co_await writer.write(query::event_csv_header());
    while (true) {
        auto page = co_await events.next(page_size);
        co_await open_data(with, page);
        std::string lines;
        for (const auto& event : page) {
            query::append_csv(lines, event);
        }
        co_await writer.write(std::move(lines));
        if (std::cmp_less(page.size(), page_size)) {
            co_return;
        }
    }
}

task<void> write_event_stream(feed_parts with, event_stream what, body_writer& writer) {
    using steady = infra::steady_clock;
    const auto executor = co_await asio::this_coro::executor;
    auto& counters = with.feeds.counters();
    const counted_connection counted(counters.event_streams);
    feed_reader reader(
        with.feeds, with.history, executor, what.organization, what.after, with.inbox
    );
    const auto is_closed = std::make_shared<bool>(false);
    writer.on_close([is_closed, bell = reader.bell()] {
        *is_closed = true;
        bell->signal();
    });
    // The head of the answer goes out with this, so that the client knows it is connected.
    std::string text = ": heartbeat\n\n";
    auto quiet_until = steady::now();
    while (!*is_closed) {
        if (!text.empty()) {
            co_await writer.write(std::move(text));
            quiet_until = steady::now() + quiet_limit;
        }
        const steady::duration valid_for = what.who.expires_at - with.clock.now();
        if (valid_for <= steady::duration::zero() || !with.changes.still_holds(what.who)) {
            ++counters.cut_expired;
            break;
        }
        const auto batch = co_await reader.next(std::min(quiet_until - steady::now(), valid_for));
        if (!with.changes.still_holds(what.who)) {
            text.clear();
            continue;
        }
        text = messages_of(batch, what.filter, counters);
        text = co_await with.open(std::move(text));
        if (text.empty() && steady::now() >= quiet_until) {
            text = ": heartbeat\n\n";
        }
    }
    writer.on_close({});
}

task<void> write_event_stream(services& with, event_stream what, body_writer& writer) {
    infra::archive history(with.database);
    auto parts = parts_of(with, history);
    co_await write_event_stream(std::move(parts), std::move(what), writer);
}

}  // namespace teamflow::gateway
