#include "gateway/routes/log_statistics.hpp"

#include <chrono>

#include "gateway/routes/history_scope.hpp"
#include "query/log_statistics.hpp"

namespace teamflow::gateway {

namespace {

using std::chrono::days;

constexpr days usual_range{30};
constexpr days range_max{366};

struct statistics_parameters {
    /// 30 days before `to` unless given.
    std::optional<events::timestamp> from;
    /// Now unless given; at most 366 days behind `from`.
    std::optional<events::timestamp> to;
    /// Operators alone may name another than their own.
    std::optional<events::organization_id> organization_id;
    /// Of the streams.
    events::json::within_or<std::int32_t, 1, 100, 10> limit;
};
BOOST_DESCRIBE_STRUCT(statistics_parameters, (), (from, to, organization_id, limit))

struct statistics_view {
    events::timestamp from;
    events::timestamp to;
    std::int64_t events = 0;
    /// Of their data as JSON text.
    std::int64_t bytes = 0;
    std::vector<query::type_statistics> types;
    /// Those with the most events.
    std::vector<query::stream_statistics> streams;
};
BOOST_DESCRIBE_STRUCT(statistics_view, (), (from, to, events, bytes, types, streams))

task<query_result<statistics_view>> show_statistics(call& under_way, statistics_parameters asked) {
    const auto scope = scope_of(under_way.who, asked.organization_id);
    if (!scope) {
        co_return std::unexpected(scope.error());
    }
    auto& with = under_way.with;
    const auto to = asked.to.value_or(with.clock.now());
    const auto from = asked.from.value_or(to - usual_range);
    if (from >= to) {
        co_return std::unexpected(bad_parameters({{"to", "not_allowed", "must be later than from"}})
        );
    }
    if (to - from > range_max) {
        co_return std::unexpected(
            bad_parameters({{"from", "not_allowed", "must lie at most 366 days before to"}})
        );
    }
    auto partitions = partitions_of(*scope, with.log.partitions());
    auto settled = co_await settled_ends(under_way, std::move(partitions));
    if (!settled) {
        co_return std::unexpected(settled.error());
    }
    const query::statistics_filter filter{.organization = *scope, .from = from, .to = to};
    statistics_view view;
    view.from = from;
    view.to = to;
    view.types = co_await query::statistics_by_type(with.database, filter);
    view.streams = co_await query::hottest_streams(with.database, filter, asked.limit.value.value);
    for (const auto& each : view.types) {
        view.events += each.events;
        view.bytes += each.bytes;
    }
    co_return found<statistics_view>{std::move(view), std::nullopt, *std::move(settled)};
}

}  // namespace

route log_statistics_route() {
    return query<statistics_parameters, statistics_view>(
        "/events/statistics",
        access::analyst,
        "Events by type and day, their sizes, and the streams with the most of them",
        {.errors = {"read_model_behind"}, .tells_position = true},
        show_statistics
    );
}

}  // namespace teamflow::gateway
