#pragma once
// The loop that keeps one projection's read model up to date with the partitions that it is given.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/enum.hpp>

#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/histogram.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/log_reader.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/build.hpp"
#include "projections/projector_step.hpp"
#include "projections/read_position.hpp"

namespace teamflow::projections {

enum class projector_status {
    starting,    ///< not at work yet, or the database or the log cannot be reached
    standby,     ///< it has no partition: other processes are at work
    rebuilding,  ///< at work, and the build is behind the log's end as of its start somewhere
    live,
    failed,  ///< stopped by a poison event, or the database belongs to a newer program
};
BOOST_DESCRIBE_ENUM(projector_status, starting, standby, rebuilding, live, failed)

/// May be read from any thread.
struct projector_metrics {
    std::atomic<projector_status> status = projector_status::starting;
    std::atomic<std::int64_t> events = 0;
    std::atomic<std::int64_t> rows = 0;
    std::atomic<std::int64_t> batches = 0;
    /// Those that waited when the build was opened, and what was parked here since.
    std::atomic<std::int64_t> parked_commits = 0;
    std::atomic<std::int64_t> unknown_events = 0;
    std::atomic<std::int64_t> ghosts = 0;
    /// Those that it is at work on.
    std::atomic<std::int64_t> partitions = 0;
    std::atomic<std::int64_t> restarts = 0;
    infra::size_histogram batch_sizes;
    infra::latency_histogram batch_latency;
};

/// How far a projector is behind in one of its partitions.
struct partition_lag {
    events::partition_id partition = 0;
    /// Records of the log behind the checkpoint.
    std::int64_t events = 0;
    /// Age of the oldest of them; if that is not in memory, of the newest event that was read.
    std::chrono::milliseconds age{0};
};

struct projector_options {
    std::string postgres_url;
    step_limits limits;
    /// While events keep coming, a batch waits at most so long for more: fewer transactions, each
    /// cheaper.
    std::chrono::milliseconds linger{3};
    /// Called on the executor when another projector was found at work on the same partitions:
    /// nothing of the batch was written. What is to be done is a matter of assign(); without it
    /// this one goes on from where the other has come to.
    std::function<void()> fenced;
    std::chrono::milliseconds retry_min{100};
    std::chrono::milliseconds retry_max{5000};
};

/// Builds the rows of some partitions; projectors of other processes build those of the others, in
/// the same tables. Each row belongs to one partition (that of its organization), so they do not
/// meet there. Where they do, because two have the same partition, the checkpoint decides: it moves
/// in the transaction of the rows and only from where the writer of both left it. So nothing is
/// doubled, however old the belief of a projector is that a partition is its own.
///
/// Runs on one executor; run() once. Errors of the database and the log are retried for ever from
/// what the database says, and so is a build that has stopped: until somebody resumes it.
class projector {
public:
    /// All references must outlive this.
    projector(
        infra::asio::any_io_executor executor,
        const projection& what,
        infra::event_log& log,
        read_position& positions,
        const infra::clock& clock,
        projector_options options
    );

    /// Returns after stop(), when the batch under way is done.
    infra::task<> run();

    /// The partitions to build from now on, once the batch under way is done. Before the first call
    /// it waits; with none it stands by, without a connection. From any thread.
    void assign(std::vector<events::partition_id> partitions);

    /// From any thread; harmless when repeated.
    void stop();

    [[nodiscard]] const projector_metrics& metrics() const { return metrics_; }

    /// Of the partitions that it is at work on: from its last batch to the log's end as it is now,
    /// so that one that hangs is seen to fall behind. From any thread.
    [[nodiscard]] std::vector<partition_lag> lags() const;

    [[nodiscard]] const projection& what() const { return what_; }

private:
    struct work;

    struct assignment {
        /// 0: there was none yet.
        std::uint64_t number = 0;
        std::vector<events::partition_id> partitions;
    };

    [[nodiscard]] assignment newest_assignment() const;
    void interrupt();
    infra::task<> serve(assignment ours);
    infra::task<opened_build> open(infra::postgres::connection& database);
    infra::task<> follow(work& now);
    infra::task<> read(work& now);
    infra::task<> prepare_and_write(work& now);
    infra::task<> settle_status(work& now);
    [[nodiscard]] bool is_over(const work& now) const;
    void count(const batch_summary& batch, std::chrono::steady_clock::duration took);
    void note_reached(const projector_step& step);
    [[nodiscard]] partition_lag lag_at(
        const events::position& reached, std::optional<events::timestamp> newest
    ) const;

    infra::asio::any_io_executor executor_;
    const projection& what_;
    infra::event_log& log_;
    read_position& positions_;
    const infra::clock& clock_;
    projector_options options_;
    projector_metrics metrics_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::vector<events::partition_id> assigned_;
    /// As of the last batch, and the time of the newest event in it.
    std::vector<events::position> reached_;
    std::optional<events::timestamp> newest_;
    std::atomic<std::uint64_t> assignments_ = 0;
    /// Signalled by assign() and stop().
    std::shared_ptr<infra::wakeup> told_;
    /// Signalled by those too, and by records to read.
    std::shared_ptr<infra::wakeup> news_;
    /// Whoever starts on a build that has stopped resumes it, once.
    stopped_build stopped_ = stopped_build::resume;
};

}  // namespace teamflow::projections
