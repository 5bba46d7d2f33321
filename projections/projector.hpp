#pragma once
// The loop that keeps one projection's read model up to date with the log.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
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
    standby,     ///< another process is the projector
    rebuilding,  ///< at work, and behind the log's end as of its start
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
    std::atomic<std::int64_t> parked_commits = 0;
    std::atomic<std::int64_t> unknown_events = 0;
    std::atomic<std::int64_t> ghosts = 0;
    /// Records of the log behind the checkpoints, over all partitions.
    std::atomic<std::int64_t> lag_events = 0;
    /// Age of the newest event that was read, while there are others behind it; else 0.
    std::atomic<std::int64_t> lag_ms = 0;
    std::atomic<std::int64_t> restarts = 0;
    infra::size_histogram batch_sizes;
    infra::latency_histogram batch_latency;
};

struct projector_options {
    std::string postgres_url;
    step_limits limits;
    /// While events pour in, a batch waits so long for more: fewer transactions, each cheaper.
    std::chrono::milliseconds linger{3};
    /// Whether to wait for a lock that makes this the only projector at work. The fence holds
    /// without it; the lock only saves the work of the one that would lose.
    bool exclusive = true;
    std::chrono::milliseconds retry_min{100};
    std::chrono::milliseconds retry_max{5000};
};

/// Runs on one executor; run() once. Errors of the database and the log are retried for ever from
/// what the database says; a poison event of a projection that does not park ends the work.
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

    /// From any thread; harmless when repeated.
    void stop();

    [[nodiscard]] const projector_metrics& metrics() const { return metrics_; }

    [[nodiscard]] const projection& what() const { return what_; }

private:
    struct work;

    infra::task<> serve();
    infra::task<bool> lead(infra::postgres::connection& database);
    infra::task<std::vector<events::position>> log_end();
    infra::task<> follow(work& now);
    infra::task<> read(work& now);
    infra::task<bool> prepare_and_write(work& now);
    infra::task<> settle_status(work& now);
    void count(const batch_summary& batch, std::chrono::steady_clock::duration took);
    void measure_lag(const projector_step& step);

    infra::asio::any_io_executor executor_;
    const projection& what_;
    infra::event_log& log_;
    read_position& positions_;
    const infra::clock& clock_;
    projector_options options_;
    projector_metrics metrics_;
    std::atomic<bool> stopping_ = false;
    /// Signalled by news of the log and by stop().
    std::shared_ptr<infra::wakeup> stopped_;
    infra::log_reader* reader_ = nullptr;
    std::optional<events::timestamp> newest_;
};

}  // namespace teamflow::projections
