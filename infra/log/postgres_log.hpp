#pragma once
// The embedded log: rows of teamflow.log_records, offsets from a counter row for each partition.

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "infra/log/event_log.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/listener.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {

/// Group commit: while a transaction is under way, what arrives for its lane waits and goes
/// together into the next, over all partitions of the lane. A lane runs on its own executor, all
/// else on `executor`; both must be of one thread.
class postgres_log final : public event_log, public std::enable_shared_from_this<postgres_log> {
public:
    struct settings {
        std::string url;
        std::size_t tail_bytes_per_partition = std::size_t{4} << 20U;
        /// A transaction carries at most so many records; more wait for the next.
        std::size_t max_records_per_commit = 4096;
        /// Where lanes of appends run: the n-th takes the partitions whose number modulo their
        /// count is n, so that a writer's thread appends for itself. One flushes to the disk while
        /// another inserts. None given: two, on the log's executor.
        std::vector<asio::any_io_executor> lanes;
    };

    /// Opens the log that create() made. Throws postgres_error when the database cannot be reached
    /// and std::runtime_error when it holds another kind of log.
    static task<std::shared_ptr<postgres_log>> open(asio::any_io_executor executor, settings how);

    /// Makes the log in a migrated database; does nothing when it is there with as many partitions.
    /// Throws std::runtime_error when it is there with another number or backend.
    static void create(postgres::session& database, std::int32_t partitions);

    [[nodiscard]] std::int32_t partitions() const override { return partitions_; }

    task<events::offset> claim(
        events::partition_id partition, events::writer_id writer, std::string address
    ) override;

    void append(append_batch batch, append_done done) override;

    task<std::vector<events::record_ptr>> fetch(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) override;

    task<events::offset> end(events::partition_id partition) override;

    task<std::vector<events::offset>> ends() override;

    task<events::checkpoint> checkpoint(events::partition_id partition) override;

    /// The log is its own archive.
    [[nodiscard]] events::offset archived(events::partition_id partition) const override;

    [[nodiscard]] log_tail& tail() override { return tail_; }

    void stop() override;

private:
    struct queued_batch {
        append_batch batch;
        append_done done;
    };

    /// What appends to a share of the partitions, one transaction after the other.
    struct lane {
        lane(asio::any_io_executor on, const std::string& url);

        asio::any_io_executor executor;
        postgres::pool writing;
        std::mutex mutex{};
        std::vector<queued_batch> queue{};
        bool appending = false;
    };

    using self_ptr = std::shared_ptr<postgres_log>;

    postgres_log(asio::any_io_executor executor, settings how, std::int32_t partitions);

    lane& lane_of(events::partition_id partition) {
        return lanes_[static_cast<std::size_t>(partition) % lanes_.size()];
    }

    [[nodiscard]] std::vector<queued_batch> take_queued(lane& from) const;
    static task<> append_queued(self_ptr self, lane& from);
    task<> commit(lane& through, std::vector<queued_batch>& batches);
    void settle(std::vector<queued_batch>& batches, const postgres::result& bases);
    static task<events::offset> claim_here(
        self_ptr self, events::partition_id partition, events::writer_id writer, std::string address
    );
    static task<std::vector<events::record_ptr>> fetch_here(
        self_ptr self, events::partition_id partition, events::offset from, std::size_t max_records
    );
    static task<events::offset> end_here(self_ptr self, events::partition_id partition);
    static task<std::vector<events::offset>> ends_here(self_ptr self);
    static task<events::checkpoint> checkpoint_here(self_ptr self, events::partition_id partition);
    static task<> tell_others(self_ptr self);
    static task<> follow_others(self_ptr self);

    asio::any_io_executor executor_;
    settings settings_;
    std::int32_t partitions_;
    log_tail tail_;
    std::deque<lane> lanes_;
    postgres::pool reading_;
    /// Tells this process's notifications from those of others.
    std::string name_;
    std::shared_ptr<wakeup> ask_others_;
    std::shared_ptr<wakeup> appended_;
    postgres::listener listener_;
    std::atomic<bool> stopped_ = false;
};

}  // namespace teamflow::infra
