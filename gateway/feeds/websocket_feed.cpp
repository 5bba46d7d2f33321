#include "gateway/feeds/websocket_feed.hpp"

#include <algorithm>
#include <deque>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "gateway/feeds/feed_message.hpp"
#include "gateway/feeds/feed_reader.hpp"
#include "gateway/feeds/open_texts.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

using steady = infra::steady_clock;

constexpr std::chrono::seconds quiet_limit{15};
/// How long a full queue may stay full: a burst must not look like a slow client.
constexpr std::chrono::seconds slowness_limit{1};
/// History comes as fast as the client takes it; how long it may take no message at all.
constexpr std::chrono::seconds standstill_limit{5};

task<void> ring_when_closed(
    std::shared_ptr<websocket> socket, std::shared_ptr<infra::wakeup> bell
) {
    co_await socket->until_closed();
    bell->signal();
}

task<void> pass(asio::any_io_executor where, steady::duration time) {
    infra::steady_timer timer(where, time);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Who sets the pace of messages: what happens, or the client that reads what has happened.
enum class pace { live, history };

/// The sending side: what was queued and how much of it the client has been sent.
class feed_sender {
public:
    feed_sender(std::shared_ptr<websocket> socket, events::position start)
        : socket_(std::move(socket)), sent_(start) {}

    /// Queues a message. False when there is no room for it in time, or the socket closes.
    task<bool> send(
        std::shared_ptr<const std::string> message, events::position at, pace how = pace::live
    ) {
        bool is_queued = offer(message, at);
        if (!is_queued && socket_->is_open()) {
            if (how == pace::live) {
                co_await room_within(slowness_limit);
            } else {
                co_await room();
            }
            is_queued = offer(std::move(message), at);
        }
        co_return is_queued;
    }

    /// Waits for room as long as the client takes messages. False when it stands still, or the
    /// socket closes.
    task<bool> room() {
        bool has_room = false;
        bool has_moved = true;
        while (!has_room && has_moved) {
            const auto before = socket_->waiting();
            has_room = co_await room_within(standstill_limit);
            has_moved = socket_->is_open() && socket_->waiting() < before;
        }
        co_return has_room;
    }

    /// The position of the last message that is on its way and not waiting here.
    events::position sent() {
        forget_sent();
        return sent_;
    }

    [[nodiscard]] steady::time_point quiet_until() const { return last_ + quiet_limit; }

private:
    bool offer(std::shared_ptr<const std::string> message, events::position at) {
        const bool is_queued = socket_->offer(std::move(message));
        if (is_queued) {
            queued_.push_back(at);
            last_ = steady::now();
            forget_sent();
        }
        return is_queued;
    }

    task<bool> room_within(steady::duration limit) {
        using namespace asio::experimental::awaitable_operators;
        auto room_or_time = socket_->has_room() || pass(socket_->executor(), limit);
        const auto first = co_await std::move(room_or_time);
        co_return first.index() == 0 && std::get<0>(first);
    }

    void forget_sent() {
        while (queued_.size() > socket_->waiting()) {
            sent_ = queued_.front();
            queued_.pop_front();
        }
    }

    std::shared_ptr<websocket> socket_;
    std::deque<events::position> queued_;
    events::position sent_;
    steady::time_point last_ = steady::now();
};

std::shared_ptr<const std::string> notice(std::string_view type, events::position at) {
    return std::make_shared<const std::string>(feed_notice(type, at));
}

/// The messages that the subscriber wants, personal fields opened with one look-up for all.
task<std::vector<feed_event>> open_wanted(
    const feed_parts& with, const feed_filter& filter, feed_batch batch
) {
    std::erase_if(batch, [&](const feed_event& event) { return !filter.wants(*event.record); });
    std::vector<std::shared_ptr<const std::string>*> messages;
    for (auto& event : batch) {
        messages.push_back(&event.message);
    }
    co_await open_texts(with, std::move(messages));
    co_return batch;
}

}  // namespace

task<void> run_websocket_feed(
    feed_parts with, websocket_feed what, std::shared_ptr<websocket> socket
) {
    auto& counters = with.feeds.counters();
    const counted_connection counted(counters.websockets);
    feed_reader reader(
        with.feeds, with.history, socket->executor(), what.organization, what.after, with.inbox
    );
    asio::co_spawn(socket->executor(), ring_when_closed(socket, reader.bell()), asio::detached);
    feed_sender sender(socket, reader.position());
    bool keeps_up =
        co_await sender.send(notice("feed.ready", reader.position()), reader.position());
    while (keeps_up && socket->is_open()) {
        const auto now = with.clock.now();
        if (now >= what.who.expires_at || !with.changes.still_holds(what.who)) {
            ++counters.cut_expired;
            socket->close(close_token_expired, "the access token has expired or was withdrawn");
            co_return;
        }
        const auto quiet_for = sender.quiet_until() - steady::now();
        const steady::duration valid_for = what.who.expires_at - now;
        auto batch = co_await reader.next(std::min(quiet_for, valid_for));
        if (!with.changes.still_holds(what.who)) {
            continue;
        }
        auto wanted = co_await open_wanted(with, what.filter, std::move(batch));
        const auto how = reader.is_live() ? pace::live : pace::history;
        for (auto event = wanted.begin(); event != wanted.end() && keeps_up; ++event) {
            const events::position at{event->record->partition, event->record->at};
            keeps_up = co_await sender.send(std::move(event->message), at, how);
            counters.events_sent += keeps_up ? 1 : 0;
        }
        if (keeps_up && how == pace::history) {
            keeps_up = co_await sender.room();
        }
        if (keeps_up && steady::now() >= sender.quiet_until()) {
            const auto at = reader.position();
            keeps_up = co_await sender.send(notice("feed.position", at), at);
        }
    }
    counters.cut_slow += socket->is_open() ? 1 : 0;
    socket->close(close_too_slow, to_string(sender.sent()));
}

task<void> run_websocket_feed(
    services& with, websocket_feed what, std::shared_ptr<websocket> socket
) {
    infra::archive history(with.database);
    auto parts = parts_of(with, history);
    co_await run_websocket_feed(std::move(parts), std::move(what), std::move(socket));
}

}  // namespace teamflow::gateway
