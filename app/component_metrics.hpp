#pragma once
// What Prometheus is told of writers, commands, projections, feeds, the archive and the pools.

#include <vector>

#include <prometheus/metric_family.h>

#include "commands/writer/command_router.hpp"
#include "gateway/feeds/live_feeds.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/postgres/pool.hpp"
#include "projections/projector.hpp"

namespace teamflow::app {

/// What is read from other parts when Prometheus asks; all pointers outlive the metrics, and may be
/// null where the process has no such part.
struct metric_sources {
    const commands::command_service* commands = nullptr;
    const commands::routing_counters* routing = nullptr;
    const gateway::live_feeds* feeds = nullptr;
    const infra::archiver* archiving = nullptr;
    std::vector<const projections::projector*> projectors;
    std::vector<const infra::postgres::pool*> pools;
};

/// Any thread: all of it is counters.
void add_components(const metric_sources& from, std::vector<prometheus::MetricFamily>& out);

}  // namespace teamflow::app
