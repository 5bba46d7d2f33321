#pragma once
// The role that builds read models, and archives a Kafka log.

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/component_metrics.hpp"
#include "app/foundation.hpp"
#include "app/projected_partitions.hpp"
#include "infra/kafka/archiver.hpp"
#include "projections/projector.hpp"
#include "projections/rebuild/caretaker.hpp"
#include "projections/rebuild/rebuilder.hpp"

namespace teamflow::app {

/// Blocking; for the main thread.
class projector_role {
public:
    /// `on` must outlive this.
    explicit projector_role(foundation& on);

    void start();

    /// Waits until the tables of all read models are there, which a first start makes. Throws
    /// std::runtime_error when that takes too long.
    void await_tables() const;

    /// Ends at a commit boundary. False when that takes longer than `limit`: what waits for the log
    /// then ends once that is stopped.
    bool stop(std::chrono::milliseconds limit);

    /// Which projections neither follow the log nor stand by while other processes do; empty when
    /// all is well. From any thread.
    [[nodiscard]] std::string trouble() const;

    /// The read models that this process builds. From any thread.
    [[nodiscard]] std::vector<std::string> building() const;

    /// The partitions of which it builds them. From any thread.
    [[nodiscard]] std::vector<events::partition_id> partitions() const;

    /// What Prometheus is told of this role; after start(), and no longer than this lives.
    [[nodiscard]] metric_sources sources() const;

private:
    void start_archiver();
    void start_rebuilder();
    [[nodiscard]] std::optional<std::vector<events::position>> log_ends() const;
    void assign(const std::vector<events::partition_id>& ours);

    foundation& on_;
    std::shared_ptr<infra::archiver> archiving_;
    std::deque<projections::projector> projectors_;
    std::atomic<int> running_ = 0;
    mutable std::mutex mutex_;
    std::vector<events::partition_id> assigned_;
    projected_partitions sharing_;
    std::optional<projections::rebuilder> rebuilding_;
    std::optional<projections::caretaker> caring_;
};

}  // namespace teamflow::app
