#include "app/component_metrics.hpp"

#include <array>

#include "app/metric_family.hpp"
#include "events/json/described.hpp"

namespace teamflow::app {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

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
        "teamflow_directories_in_memory",
        "Organizations' directories in memory",
        MetricType::Gauge,
        read_writer<&writer_counters::directories_in_memory>,
    },
    writer_metric{
        "teamflow_partition_offset",
        "The newest offset that the writer's fold accounts for",
        MetricType::Gauge,
        read_writer<&writer_counters::followed>,
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
        "teamflow_projection_ghosts_total",
        "Records that count for nobody, as its fold saw them",
        MetricType::Counter,
        read_projection<&projector_metrics::ghosts>,
    },
    projection_metric{
        "teamflow_projection_restarts_total",
        "Times it began again after a failure",
        MetricType::Counter,
        read_projection<&projector_metrics::restarts>,
    },
    projection_metric{
        "teamflow_projection_parked_commits",
        "Commits that wait for an operator, as this process knows",
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
        "teamflow_projection_partitions",
        "Partitions whose events this process brings into it",
        MetricType::Gauge,
        read_projection<&projector_metrics::partitions>,
    },
};

void add_writers(const commands::command_service& commands, std::vector<MetricFamily>& out) {
    for (const auto& metric : writer_metrics) {
        metric_family made(metric.name, metric.help, metric.type);
        for (events::partition_id partition = 0; partition < commands.partitions(); ++partition) {
            made.add(
                metric.read(commands.writer(partition).counters()),
                {{"partition", std::to_string(partition)}}
            );
        }
        out.push_back(made.take());
    }
    histogram_sum<infra::latency_histogram> latency;
    histogram_sum<infra::size_histogram> records;
    for (events::partition_id partition = 0; partition < commands.partitions(); ++partition) {
        const auto& counters = commands.writer(partition).counters();
        latency.add(counters.append_latency);
        records.add(counters.batch_records);
    }
    metric_family appends(
        "teamflow_append_seconds",
        "From handing a batch to the log until it was known to be durable",
        MetricType::Histogram
    );
    appends.add(latency, microsecond);
    metric_family batches(
        "teamflow_append_batch_records", "Records of one batch", MetricType::Histogram
    );
    batches.add(records, 1);
    out.push_back(appends.take());
    out.push_back(batches.take());
}

void add_commands(const commands::command_service& commands, std::vector<MetricFamily>& out) {
    metric_family made(
        "teamflow_command_seconds",
        "Commands by name and result, from their way to the writer until the answer",
        MetricType::Histogram
    );
    commands.latencies().for_each([&](const infra::latency_table::entry& each) {
        const auto result = static_cast<commands::command_result>(each.kind);
        made.add(
            each.latencies,
            microsecond,
            {{"command", each.name}, {"result", std::string(events::json::enum_name(result))}}
        );
    });
    out.push_back(made.take());
}

void add_routing(const commands::routing_counters& counters, std::vector<MetricFamily>& out) {
    const auto add = [&](std::string name, std::string help, const auto& value) {
        metric_family made(std::move(name), std::move(help), MetricType::Counter);
        made.add(static_cast<double>(value.load()));
        out.push_back(made.take());
    };
    add("teamflow_commands_forwarded_total",
        "Commands sent to the gateway that owns their partition",
        counters.forwarded);
    add("teamflow_commands_undelivered_total",
        "Forwarded commands that were not decided there",
        counters.undelivered);
    add("teamflow_commands_received_total",
        "Commands that other gateways sent here",
        counters.received);
    add("teamflow_commands_misdirected_total",
        "Commands that other gateways sent here though the partition is not owned",
        counters.misdirected);
}

void add_lags(
    const std::vector<const projections::projector*>& projectors, std::vector<MetricFamily>& out
) {
    metric_family records(
        "teamflow_projection_lag_events", "Records not yet read of a partition", MetricType::Gauge
    );
    metric_family age(
        "teamflow_projection_lag_seconds", "Age of the oldest of them", MetricType::Gauge
    );
    for (const auto* projector : projectors) {
        for (const auto& lag : projector->lags()) {
            const metric_labels labels{
                {"projection", projector->what().name}, {"partition", std::to_string(lag.partition)}
            };
            records.add(static_cast<double>(lag.events), labels);
            age.add(std::chrono::duration<double>(lag.age).count(), labels);
        }
    }
    out.push_back(records.take());
    out.push_back(age.take());
}

void add_projections(
    const std::vector<const projections::projector*>& projectors, std::vector<MetricFamily>& out
) {
    for (const auto& metric : projection_metrics) {
        metric_family made(metric.name, metric.help, metric.type);
        for (const auto* projector : projectors) {
            made.add(metric.read(projector->metrics()), {{"projection", projector->what().name}});
        }
        out.push_back(made.take());
    }
    metric_family sizes(
        "teamflow_projection_batch_events", "Events of one batch", MetricType::Histogram
    );
    metric_family latency(
        "teamflow_projection_batch_seconds",
        "Handlers and database of one batch",
        MetricType::Histogram
    );
    metric_family status(
        "teamflow_projection_status", "1 for the status that it has", MetricType::Gauge
    );
    for (const auto* projector : projectors) {
        const auto& counters = projector->metrics();
        const auto& name = projector->what().name;
        sizes.add(counters.batch_sizes, 1, {{"projection", name}});
        latency.add(counters.batch_latency, microsecond, {{"projection", name}});
        const auto now = events::json::enum_name(counters.status.load());
        status.add(1, {{"projection", name}, {"status", std::string(now)}});
    }
    for (auto* made : {&sizes, &latency, &status}) {
        out.push_back(made->take());
    }
    add_lags(projectors, out);
}

using gateway::feed_counters;

struct feed_metric {
    const char* name;
    const char* help;
    MetricType type;
    double (*read)(const feed_counters&);
};

template <auto Member>
double read_feed(const feed_counters& counters) {
    return static_cast<double>((counters.*Member).load());
}

constexpr std::array feed_metrics{
    feed_metric{
        "teamflow_feed_websockets",
        "WebSockets that follow an organization",
        MetricType::Gauge,
        read_feed<&feed_counters::websockets>,
    },
    feed_metric{
        "teamflow_feed_event_streams",
        "Streams of server-sent events that are open",
        MetricType::Gauge,
        read_feed<&feed_counters::event_streams>,
    },
    feed_metric{
        "teamflow_feed_subscribers",
        "Feeds that listen to the log's end",
        MetricType::Gauge,
        read_feed<&feed_counters::subscribers>,
    },
    feed_metric{
        "teamflow_feed_events_followed_total",
        "Valid events read from the log for feeds",
        MetricType::Counter,
        read_feed<&feed_counters::events_followed>,
    },
    feed_metric{
        "teamflow_feed_events_delivered_total",
        "Events put into inboxes, once for each feed",
        MetricType::Counter,
        read_feed<&feed_counters::events_delivered>,
    },
    feed_metric{
        "teamflow_feed_events_sent_total",
        "Events sent to clients, once for each",
        MetricType::Counter,
        read_feed<&feed_counters::events_sent>,
    },
    feed_metric{
        "teamflow_feed_inboxes_spoilt_total",
        "Feeds that fell behind the log's end and read on from the archive",
        MetricType::Counter,
        read_feed<&feed_counters::inboxes_spoilt>,
    },
    feed_metric{
        "teamflow_feed_cut_slow_total",
        "Clients cut because they did not read",
        MetricType::Counter,
        read_feed<&feed_counters::cut_slow>,
    },
    feed_metric{
        "teamflow_feed_cut_expired_total",
        "Feeds ended because their access did",
        MetricType::Counter,
        read_feed<&feed_counters::cut_expired>,
    },
    feed_metric{
        "teamflow_feed_ghosts_total",
        "Records that count for nobody, as the feeds' folds saw them",
        MetricType::Counter,
        read_feed<&feed_counters::ghosts>,
    },
};

void add_feeds(const feed_counters& counters, std::vector<MetricFamily>& out) {
    for (const auto& metric : feed_metrics) {
        metric_family made(metric.name, metric.help, metric.type);
        made.add(metric.read(counters));
        out.push_back(made.take());
    }
}

void add_archive(const infra::archiver_counters& counters, std::vector<MetricFamily>& out) {
    const auto add = [&](std::string name, std::string help, const auto& value) {
        metric_family made(std::move(name), std::move(help), MetricType::Counter);
        made.add(static_cast<double>(value.load()));
        out.push_back(made.take());
    };
    add("teamflow_archive_records_total", "Records written to the archive", counters.records);
    add("teamflow_archive_batches_total", "Batches written to the archive", counters.batches);
    add("teamflow_archive_ghosts_total", "Records that count for nobody", counters.ghosts);
    add("teamflow_archive_overtaken_total", "Batches of another archiver", counters.overtaken);
}

void add_pools(
    const std::vector<const infra::postgres::pool*>& pools, std::vector<MetricFamily>& out
) {
    metric_family in_flight(
        "teamflow_postgres_calls_in_flight", "Calls not yet answered", MetricType::Gauge
    );
    metric_family open("teamflow_postgres_connections_open", "Open connections", MetricType::Gauge);
    metric_family calls("teamflow_postgres_calls_total", "Calls sent", MetricType::Counter);
    metric_family errors(
        "teamflow_postgres_errors_total", "Calls that failed", MetricType::Counter
    );
    metric_family connects(
        "teamflow_postgres_connects_total", "Connections opened", MetricType::Counter
    );
    metric_family failures(
        "teamflow_postgres_connect_failures_total",
        "Connections that could not be opened",
        MetricType::Counter
    );
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const auto& counters = pools[i]->counters();
        const metric_labels pool{{"pool", std::to_string(i)}};
        in_flight.add(static_cast<double>(counters.in_flight.load()), pool);
        open.add(static_cast<double>(counters.connections_open.load()), pool);
        calls.add(static_cast<double>(counters.calls.load()), pool);
        errors.add(static_cast<double>(counters.errors.load()), pool);
        connects.add(static_cast<double>(counters.connects.load()), pool);
        failures.add(static_cast<double>(counters.connect_failures.load()), pool);
    }
    for (auto* made : {&in_flight, &open, &calls, &errors, &connects, &failures}) {
        out.push_back(made->take());
    }
}

}  // namespace

void add_components(const metric_sources& from, std::vector<MetricFamily>& out) {
    if (from.commands != nullptr) {
        add_writers(*from.commands, out);
        add_commands(*from.commands, out);
    }
    if (from.routing != nullptr) {
        add_routing(*from.routing, out);
    }
    add_projections(from.projectors, out);
    if (from.feeds != nullptr) {
        add_feeds(from.feeds->counters(), out);
    }
    if (from.archiving != nullptr) {
        add_archive(from.archiving->counters(), out);
    }
    add_pools(from.pools, out);
}

}  // namespace teamflow::app
