#pragma once
// One organization's events from an offset on: history first, then the live tail, without a gap
// and without a double.

#include <chrono>
#include <memory>

#include "gateway/feeds/live_feeds.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::gateway {

/// Lives on one thread, that of `history`. It listens to the hub before it reads the last of the
/// archive, up to the place where it joined; whoever falls behind so far that the inbox cannot hold
/// what comes goes back to the archive, so memory is bounded and nothing is lost.
class feed_reader {
public:
    /// The references must outlive this. `after` may lie beyond the log's end.
    feed_reader(
        live_feeds& feeds,
        infra::stream_archive& history,
        infra::asio::any_io_executor executor,
        events::organization_id organization,
        events::offset after,
        feed_inbox::bounds most = {}
    );

    /// The next events in order; none when `limit` passed in quiet or the bell rang. Throws
    /// postgres_error.
    task<feed_batch> next(std::chrono::steady_clock::duration limit);

    /// Everything up to here was handed out by next().
    [[nodiscard]] events::position position() const { return {partition_, reached_}; }

    /// Whether the last events came from the tail and not from history.
    [[nodiscard]] bool is_live() const { return is_live_; }

    /// Ends the current or next wait, from any thread; may outlive this.
    [[nodiscard]] std::shared_ptr<infra::wakeup> bell() const { return bell_; }

private:
    /// Reading the archive; reading its last part while the inbox fills; reading the inbox.
    enum class stage { archive, joining, live };

    task<feed_batch> read_history();
    feed_batch take_live();
    void fall_back();

    live_feeds& feeds_;
    infra::stream_archive& history_;
    std::shared_ptr<infra::wakeup> bell_;
    events::organization_id organization_;
    events::partition_id partition_;
    events::offset reached_;
    feed_inbox::bounds most_;
    std::shared_ptr<feed_inbox> inbox_;
    std::unique_ptr<live_feeds::subscription> heard_;
    stage stage_ = stage::archive;
    bool is_live_ = false;
};

}  // namespace teamflow::gateway
