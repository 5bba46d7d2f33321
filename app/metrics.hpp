#pragma once
// Everything that Prometheus is told: HTTP as it happens, all else read from counters when asked.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "app/component_metrics.hpp"
#include "gateway/http/observer.hpp"
#include "infra/latency_table.hpp"

namespace teamflow::app {

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
    void add_requests(std::vector<prometheus::MetricFamily>& out) const;

    double started_;
    metric_sources sources_;
    /// By route, and method and status.
    infra::latency_table requests_;
    /// Only counted, by status.
    infra::latency_table refused_;
    std::atomic<std::uint64_t> bytes_in_ = 0;
    std::atomic<std::uint64_t> bytes_out_ = 0;
    std::atomic<std::int64_t> connections_ = 0;
    std::atomic<std::int64_t> websockets_ = 0;
};

}  // namespace teamflow::app
