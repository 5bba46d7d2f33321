#include "infra/app/metrics.hpp"

#include <fstream>

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include "events/json/described.hpp"

namespace teamflow::infra {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using labels = std::vector<ClientMetric::Label>;

/// One family that is filled with a value for each thing that has one.
class family {
public:
    family(std::string name, std::string help, MetricType type) {
        made_.name = std::move(name);
        made_.help = std::move(help);
        made_.type = type;
    }

    void add(double value, labels with = {}) {
        ClientMetric metric;
        metric.label = std::move(with);
        (made_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
        made_.metric.push_back(std::move(metric));
    }

    MetricFamily take() { return std::move(made_); }

private:
    MetricFamily made_;
};

/// A counter of every partition's writer.
struct writer_metric {
    const char* name;
    const char* help;
    MetricType type;
    double (*read)(const commands::writer_counters&);
};

template <auto Member>
double read_writer(const commands::writer_counters& counters) {
    return static_cast<double>((counters.*Member).load());
}

using commands::writer_counters;

constexpr std::array writer_metrics{
    writer_metric{
        "teamflow_append_batches_total",
        "Batches handed to the log",
        MetricType::Counter,
        read_writer<&writer_counters::commits>,
    },
    writer_metric{
        "teamflow_append_records_total",
        "Records handed to the log",
        MetricType::Counter,
        read_writer<&writer_counters::records>,
    },
    writer_metric{
        "teamflow_command_refusals_total",
        "Commands refused by a rule",
        MetricType::Counter,
        read_writer<&writer_counters::refusals>,
    },
    writer_metric{
        "teamflow_command_replays_total",
        "Answers repeated for an idempotency key",
        MetricType::Counter,
        read_writer<&writer_counters::replays>,
    },
    writer_metric{
        "teamflow_partition_claims_total",
        "Claims that made this process the owner",
        MetricType::Counter,
        read_writer<&writer_counters::claims>,
    },
    writer_metric{
        "teamflow_log_ghosts_total",
        "Records that count for nobody",
        MetricType::Counter,
        read_writer<&writer_counters::ghosts>,
    },
    writer_metric{
        "teamflow_commits_lost_total",
        "Commits that the log refuted",
        MetricType::Counter,
        read_writer<&writer_counters::lost_commits>,
    },
    writer_metric{
        "teamflow_commits_in_flight",
        "Commits that the log has not confirmed",
        MetricType::Gauge,
        read_writer<&writer_counters::in_flight>,
    },
    writer_metric{
        "teamflow_streams_in_memory",
        "Folded streams in memory",
        MetricType::Gauge,
        read_writer<&writer_counters::streams_in_memory>,
    },
    writer_metric{
        "teamflow_partition_owned",
        "1 where this process owns the partition",
        MetricType::Gauge,
        read_writer<&writer_counters::owning>,
    },
};

using projections::projector_metrics;

struct projection_metric {
    const char* name;
    const char* help;
    MetricType type;
    double (*read)(const projector_metrics&);
};

template <auto Member, int Divisor = 1>
double read_projection(const projector_metrics& counters) {
    return static_cast<double>((counters.*Member).load()) / Divisor;
}

constexpr std::array projection_metrics{
    projection_metric{
        "teamflow_projection_events_total",
        "Events applied",
        MetricType::Counter,
        read_projection<&projector_metrics::events>,
    },
    projection_metric{
        "teamflow_projection_rows_total",
        "Rows written",
        MetricType::Counter,
        read_projection<&projector_metrics::rows>,
    },
    projection_metric{
        "teamflow_projection_batches_total",
        "Batches written",
        MetricType::Counter,
        read_projection<&projector_metrics::batches>,
    },
    projection_metric{
        "teamflow_projection_batch_events",
        "Events of the last batch",
        MetricType::Gauge,
        read_projection<&projector_metrics::last_batch_events>,
    },
    projection_metric{
        "teamflow_projection_parked_commits",
        "Commits parked since the start",
        MetricType::Gauge,
        read_projection<&projector_metrics::parked_commits>,
    },
    projection_metric{
        "teamflow_projection_unknown_events_total",
        "Events of unknown types skipped",
        MetricType::Counter,
        read_projection<&projector_metrics::unknown_events>,
    },
    projection_metric{
        "teamflow_projection_lag_events",
        "Records of the log not yet read",
        MetricType::Gauge,
        read_projection<&projector_metrics::lag_events>,
    },
    projection_metric{
        "teamflow_projection_lag_seconds",
        "Age of the newest event read while behind",
        MetricType::Gauge,
        read_projection<&projector_metrics::lag_ms, 1000>,
    },
};

void add_writers(const commands::command_service& commands, std::vector<MetricFamily>& out) {
    for (const auto& metric : writer_metrics) {
        family made(metric.name, metric.help, metric.type);
        for (events::partition_id partition = 0; partition < commands.partitions(); ++partition) {
            made.add(
                metric.read(commands.writer(partition).counters()),
                {{"partition", std::to_string(partition)}}
            );
        }
        out.push_back(made.take());
    }
}

void add_projections(
    const std::vector<const projections::projector*>& projectors, std::vector<MetricFamily>& out
) {
    for (const auto& metric : projection_metrics) {
        family made(metric.name, metric.help, metric.type);
        for (const auto* projector : projectors) {
            made.add(metric.read(projector->metrics()), {{"projection", projector->what().name}});
        }
        out.push_back(made.take());
    }
}

void add_pools(const std::vector<const postgres::pool*>& pools, std::vector<MetricFamily>& out) {
    family in_flight(
        "teamflow_postgres_calls_in_flight", "Calls not yet answered", MetricType::Gauge
    );
    family open("teamflow_postgres_connections_open", "Open connections", MetricType::Gauge);
    family calls("teamflow_postgres_calls_total", "Calls sent", MetricType::Counter);
    family errors("teamflow_postgres_errors_total", "Calls that failed", MetricType::Counter);
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const auto& counters = pools[i]->counters();
        const labels pool{{"pool", std::to_string(i)}};
        in_flight.add(static_cast<double>(counters.in_flight.load()), pool);
        open.add(static_cast<double>(counters.connections_open.load()), pool);
        calls.add(static_cast<double>(counters.calls.load()), pool);
        errors.add(static_cast<double>(counters.errors.load()), pool);
    }
    for (auto* made : {&in_flight, &open, &calls, &errors}) {
        out.push_back(made->take());
    }
}

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// From a quarter of a millisecond, in steps of two, to eight seconds.
prometheus::Histogram::BucketBoundaries latency_bounds() {
    prometheus::Histogram::BucketBoundaries bounds;
    for (double seconds = 0.00025; seconds < 10; seconds *= 2) {
        bounds.push_back(seconds);
    }
    return bounds;
}

}  // namespace

metrics::metrics()
    : requests_(prometheus::BuildHistogram()
                    .Name("teamflow_http_request_seconds")
                    .Help("From the first byte of a request to the last of its answer")
                    .Register(registry_)),
      refused_(prometheus::BuildCounter()
                   .Name("teamflow_http_refused_total")
                   .Help("Requests refused before they had a method and a path")
                   .Register(registry_)) {}

metrics::~metrics() = default;

void metrics::read_from(metric_sources sources) {
    sources_ = std::move(sources);
}

void metrics::request_finished(const gateway::finished_request& what) {
    static const auto bounds = latency_bounds();
    const std::string route = what.route.empty() ? "none" : std::string(what.route);
    requests_
        .Add(
            {{"route", route},
             {"method", std::string(to_string(what.verb))},
             {"status", std::to_string(what.status)}},
            bounds
        )
        .Observe(std::chrono::duration<double>(what.elapsed).count());
}

void metrics::request_refused(unsigned status) {
    refused_.Add({{"status", std::to_string(status)}}).Increment();
}

std::vector<MetricFamily> metrics::collect() const {
    std::vector<MetricFamily> families = registry_.Collect();
    if (sources_.commands != nullptr) {
        add_writers(*sources_.commands, families);
    }
    add_projections(sources_.projectors, families);
    add_pools(sources_.pools, families);
    family connections("teamflow_http_connections", "Open connections", MetricType::Gauge);
    connections.add(static_cast<double>(connections_.load()));
    family websockets("teamflow_websockets", "Open WebSockets", MetricType::Gauge);
    websockets.add(static_cast<double>(websockets_.load()));
    family memory("process_resident_memory_bytes", "Resident memory", MetricType::Gauge);
    memory.add(resident_bytes());
    for (auto* made : {&connections, &websockets, &memory}) {
        families.push_back(made->take());
    }
    return families;
}

std::string metrics::text() const {
    return prometheus::TextSerializer().Serialize(collect());
}

}  // namespace teamflow::infra
