#pragma once
// Everything that Prometheus is told: HTTP as it happens, all else read from counters when asked.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "commands/writer/command_service.hpp"
#include "gateway/http/observer.hpp"
#include "infra/postgres/pool.hpp"
#include "projections/projector.hpp"

namespace teamflow::infra {

/// What is read from other parts when Prometheus asks; all pointers outlive the metrics.
struct metric_sources {
    const commands::command_service* commands = nullptr;
    std::vector<const projections::projector*> projectors;
    std::vector<const postgres::pool*> pools;
};

/// Thread-safe once the sources are set.
class metrics final : public gateway::observer {
public:
    metrics();
    ~metrics() override;

    void read_from(metric_sources sources);

    /// Text exposition format 0.0.4.
    [[nodiscard]] std::string text() const;

    void request_finished(const gateway::finished_request& what) override;
    void request_refused(unsigned status) override;

    void connection_opened() override { ++connections_; }

    void connection_closed() override { --connections_; }

    void websocket_opened() override { ++websockets_; }

    void websocket_closed() override { --websockets_; }

private:
    [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

    prometheus::Registry registry_;
    prometheus::Family<prometheus::Histogram>& requests_;
    prometheus::Family<prometheus::Counter>& refused_;
    metric_sources sources_;
    std::atomic<std::int64_t> connections_ = 0;
    std::atomic<std::int64_t> websockets_ = 0;
};

}  // namespace teamflow::infra
