#pragma once
// The newest records of each partition in memory, shared by all readers of a process.

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "events/record.hpp"
#include "infra/steady_timer.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::infra {

/// Thread-safe. Holds at most `max_bytes` of payload a partition; older records are fetched from
/// the log instead.
class log_tail {
public:
    log_tail(std::int32_t partitions, std::size_t max_bytes_per_partition);

    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(partitions_.size());
    }

    /// Every record of the partition from `from` on will be pushed, so nobody needs to ask the log
    /// for what was not pushed yet.
    void begin(events::partition_id partition, events::offset from);

    /// Adds records that the log holds durably, in order. Records that are here already are
    /// skipped; after a hole the tail starts anew behind it.
    void push(events::partition_id partition, std::span<const events::record_ptr> records);

    /// The log is known to reach at least to `end`, though the records are not here.
    void extend(events::partition_id partition, events::offset end);

    /// The log spoke of the partition, and there is nothing new in it.
    void hear(events::partition_id partition);

    /// Records from `from` on, at most `max_records`. nullopt: not here, ask the log. Empty: `from`
    /// lies behind the last record known to exist, or what follows will be pushed.
    [[nodiscard]] std::optional<std::vector<events::record_ptr>> read(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) const;

    /// The last offset known to be in the log; nullopt before the first news of the partition.
    [[nodiscard]] std::optional<events::offset> known_end(events::partition_id partition) const;

    /// The same, unless the log has said nothing of the partition for so long: it may reach further
    /// by now.
    [[nodiscard]] std::optional<events::offset> current_end(
        events::partition_id partition, std::chrono::milliseconds silence_max
    ) const;

    /// Signals `listener` whenever there is more to read in these partitions, here or in the log,
    /// and when their ends become known, until it is destroyed.
    void subscribe(
        const std::weak_ptr<wakeup>& listener, std::span<const events::partition_id> partitions
    );

private:
    struct partition_tail {
        std::deque<events::record_ptr> records;
        std::size_t bytes = 0;
        std::optional<events::offset> start;
        std::optional<events::offset> end;
        /// Counts only while there is an end.
        steady_clock::time_point heard_at;
        std::vector<std::weak_ptr<wakeup>> listeners;
    };

    partition_tail& tail_of(events::partition_id partition) {
        return partitions_.at(static_cast<std::size_t>(partition));
    }

    /// With the mutex held: a signal never blocks.
    static void signal(const partition_tail& tail);

    std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::vector<partition_tail> partitions_;
};

/// What a record costs in a bounded memory, in bytes.
std::size_t footprint(const events::record& record);

}  // namespace teamflow::infra
