#pragma once
// Copies the Kafka log into log_records, folded: history in SQL, where streams load from.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "events/fold.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/log/log_reader.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::infra {

/// May be read from any thread, for metrics.
struct archiver_counters {
    std::atomic<std::uint64_t> records = 0;
    std::atomic<std::uint64_t> batches = 0;
    std::atomic<std::uint64_t> ghosts = 0;
    /// Batches that another archiver had written already.
    std::atomic<std::uint64_t> overtaken = 0;
};

/// Rows of all partitions and the checkpoints of their folds go in one transaction, which counts
/// only if the checkpoints lie where this archiver left them: any number of archivers may run, and
/// every record is in log_records once. A record is written when its kind is certain, so those of
/// an open commit wait for its end or for the claim that discards it. Lives on one executor.
class archiver : public std::enable_shared_from_this<archiver> {
    struct private_tag {};

public:
    struct limits {
        /// Read from each partition at once.
        std::size_t max_records_per_partition = 2000;
        /// A transaction that has so many takes no further partition.
        std::size_t max_records_per_batch = 4000;
        /// While records keep coming, a batch waits so long for more: each costs a flush to the
        /// disk.
        std::chrono::milliseconds linger{5};
    };

    static std::shared_ptr<archiver> make(
        asio::any_io_executor executor,
        std::shared_ptr<kafka_log> log,
        std::string database_url,
        limits bounds
    );

    archiver(
        private_tag,
        asio::any_io_executor executor,
        std::shared_ptr<kafka_log> log,
        std::string database_url,
        limits bounds
    );

    /// Runs until stop(). Lost connections and an unreachable log are waited out.
    static task<> run(std::shared_ptr<archiver> self);

    /// From any thread; run() returns soon after.
    void stop();

    [[nodiscard]] const archiver_counters& counters() const { return counters_; }

private:
    /// Fewer are archived at once, unless the last batch was written just before.
    static constexpr std::size_t busy_records = 16;

    struct verdict_on_record {
        events::record_ptr record;
        /// nullopt while its commit is open.
        std::optional<events::record_kind> kind;
    };

    /// The fold of one partition, and what it has taken that is not written.
    struct lane {
        events::checkpoint written;
        events::partition_fold fold;
        /// Dense, from `written.at + 1` on.
        std::deque<verdict_on_record> waiting;

        [[nodiscard]] bool can_write() const { return fold.boundary().at > written.at; }
    };

    /// What goes into one transaction.
    struct batch {
        std::vector<events::partition_id> partitions;
        postgres::params with;
    };

    task<> begin();
    task<> archive_some();
    std::size_t take_all(const std::vector<record_batch>& batches);
    void take(const events::record_ptr& record);
    batch next_batch();
    task<> write(batch what);
    void wrote(events::partition_id partition);

    asio::any_io_executor executor_;
    std::shared_ptr<kafka_log> log_;
    postgres::pool database_;
    limits limits_;
    std::vector<lane> lanes_;
    steady_clock::time_point written_at_;
    std::unique_ptr<log_reader> reader_;
    std::shared_ptr<wakeup> stopping_;
    std::atomic<bool> stopped_ = false;
    archiver_counters counters_;
};

}  // namespace teamflow::infra
