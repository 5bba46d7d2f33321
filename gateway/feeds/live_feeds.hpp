#pragma once
// The hub of the live feeds: follows every partition of the log and hands valid events to whoever
// listens to their organization.

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "gateway/feeds/feed_inbox.hpp"
#include "infra/asio.hpp"
#include "infra/log/event_log.hpp"

namespace teamflow::gateway {

using infra::task;

/// May be read from any thread, for metrics.
struct feed_counters {
    std::atomic<std::int64_t> subscribers = 0;
    std::atomic<std::uint64_t> events_followed = 0;
    /// Events handed over, once for each subscriber.
    std::atomic<std::uint64_t> events_delivered = 0;
    /// Subscribers that could not keep up.
    std::atomic<std::uint64_t> inboxes_spoilt = 0;
    std::atomic<std::uint64_t> ghosts = 0;
    std::atomic<std::int64_t> websockets = 0;
    std::atomic<std::int64_t> event_streams = 0;
    /// Events put on a connection, once for each.
    std::atomic<std::uint64_t> events_sent = 0;
    /// Connections that were cut with the position to go on from.
    std::atomic<std::uint64_t> cut_slow = 0;
    /// Connections that were ended because their token was no longer good.
    std::atomic<std::uint64_t> cut_expired = 0;
};

/// Counts one open connection for as long as it lives.
class counted_connection {
public:
    explicit counted_connection(std::atomic<std::int64_t>& open) : open_(open) { ++open_; }

    ~counted_connection() { --open_; }

    counted_connection(const counted_connection&) = delete;
    counted_connection& operator=(const counted_connection&) = delete;

private:
    std::atomic<std::int64_t>& open_;
};

/// The partitions are spread over the threads; each group of partitions is followed on one of them.
/// All functions but start() may be called from any thread.
class live_feeds {
public:
    /// Sees every valid event in the order of its partition, on a thread of the hub.
    using observer = std::function<void(const events::record&)>;

    /// At least one thread, by its executor. The log must outlive this; the threads must have ended
    /// before it is destroyed.
    live_feeds(
        infra::event_log& log,
        std::vector<infra::asio::any_io_executor> threads,
        observer watch = {}
    );
    ~live_feeds();
    live_feeds(const live_feeds&) = delete;
    live_feeds& operator=(const live_feeds&) = delete;

    /// Begins to follow where the archive ends. Throws log_unavailable. Once, before any listen().
    task<> start();

    /// Ends the following; subscribers hear nothing more.
    void stop();

    /// An organization's events, as long as it is held.
    struct subscription {
        virtual ~subscription() = default;
        subscription() = default;
        subscription(const subscription&) = delete;
        subscription& operator=(const subscription&) = delete;

        /// All valid events of the organization behind this offset go into the inbox, and none at
        /// or before it.
        events::offset from = -1;
    };

    /// Joins at the hub's place. The inbox hears of no event once the subscription is destroyed,
    /// but for one batch that may be under way.
    task<std::unique_ptr<subscription>> listen(
        events::organization_id organization, std::shared_ptr<feed_inbox> inbox
    );

    /// Every event of the partition up to here is in the inboxes of its subscribers.
    [[nodiscard]] events::offset position(events::partition_id partition) const;

    /// Where the connections count themselves too.
    [[nodiscard]] feed_counters& counters() const;

    [[nodiscard]] infra::event_log& log() const { return log_; }

private:
    class group;
    struct places;
    struct listening;

    infra::event_log& log_;
    std::shared_ptr<places> places_;
    std::vector<std::shared_ptr<group>> groups_;
};

}  // namespace teamflow::gateway
