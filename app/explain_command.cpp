#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/database_place.hpp"
#include "app/rebuild_commands.hpp"
#include "infra/postgres/session.hpp"
#include "projections/all.hpp"
#include "projections/rebuild/lineage.hpp"
#include "query/read_row.hpp"

namespace teamflow::app {

namespace {

/// An event, by whom and by which request.
struct writer_view {
    events::partition_id partition = 0;
    events::offset offset = -1;
    events::timestamp time;
    std::string type;
    std::string stream;
    std::int64_t stream_version = 0;
    std::string actor;
    events::uuid correlation_id{};
    std::optional<events::uuid> causation_id;
    std::string traceparent;
};
BOOST_DESCRIBE_STRUCT(
    writer_view,
    (),
    (partition,
     offset,
     time,
     type,
     stream,
     stream_version,
     actor,
     correlation_id,
     causation_id,
     traceparent)
)

std::vector<writer_view> events_at(
    infra::postgres::session& database, std::span<const events::position> places
) {
    static const std::string sql =
        "select e.partition, e.\"offset\", e.time, e.type, e.stream, e.stream_version, e.actor, "
        "e.correlation_id, e.causation_id, e.traceparent "
        "from unnest($1, $2) as wanted (partition, at) join teamflow.events e "
        "on e.partition = wanted.partition and e.\"offset\" = wanted.at order by 1, 2";
    auto partitions = infra::postgres::array_param::of<events::partition_id>();
    auto offsets = infra::postgres::array_param::of<events::offset>();
    for (const auto& each : places) {
        partitions.push(each.partition);
        offsets.push(each.at);
    }
    infra::postgres::params with;
    with.add(std::move(partitions));
    with.add(std::move(offsets));
    return query::read_rows<writer_view>(database.query(sql, with));
}

}  // namespace

int run_explain(const app_settings& settings, const explain_arguments& what) {
    const auto found = projections::find_table(what.table);
    if (found.table == nullptr) {
        std::cerr << "teamflow: " << projections::no_table(what.table) << '\n';
        return 2;
    }
    infra::postgres::session database(database_of(settings));
    const auto places = projections::writers_of(database, *found.what, *found.table, what.key);
    if (!places) {
        std::vector<std::string_view> columns;
        columns.reserve(found.table->key.size());
        for (const auto& each : found.table->key) {
            columns.push_back(each.name);
        }
        std::cerr << fmt::format(
            "teamflow: {}.{} has no row with the key {}; a key is {}\n",
            found.what->name,
            found.table->name,
            what.key,
            fmt::join(columns, ",")
        );
        return 1;
    }
    for (const auto& event : events_at(database, *places)) {
        if (what.as_json) {
            std::cout << events::json::to_json(event) << '\n';
            continue;
        }
        std::cout << fmt::format(
            "{}@{} {} {} {} version {} actor {} request {}{}{}\n",
            event.partition,
            event.offset,
            events::to_string(event.time),
            event.type,
            event.stream,
            event.stream_version,
            event.actor,
            events::to_string(event.correlation_id),
            event.traceparent.empty() ? "" : " trace ",
            event.traceparent
        );
    }
    return 0;
}

}  // namespace teamflow::app
