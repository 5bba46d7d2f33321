#include "query/cluster.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "query/projection_status.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::statement;

/// A process tells of itself every second (app/heartbeat.hpp).
constexpr statement nodes_statement{
    "cluster.nodes",
    "select id, address, array_to_json(roles)::text, host, process_id, version, started_at, "
    "seen_at, seen_at > now() - interval '3 seconds', array_to_json(partitions)::text, "
    "array_to_json(projections)::text, array_to_json(projected_partitions)::text "
    "from teamflow.nodes order by started_at, id"
};

constexpr statement log_statement{
    "cluster.log", "select log_id, backend, created_at from teamflow.log_info"
};

constexpr statement partitions_statement{
    "cluster.partitions",
    "select p.partition, case i.backend when 'kafka' then coalesce(a.\"offset\", -1) "
    "else coalesce(l.next_offset - 1, -1) end, coalesce(o.ghosts, 0), coalesce(o.claims, 0) "
    "from teamflow.log_info i "
    "cross join generate_series(0, i.partitions - 1) as p (partition) "
    "left join teamflow.archive_checkpoints a on a.partition = p.partition "
    "left join teamflow.log_partitions l on l.partition = p.partition "
    "left join (select partition, count(*) filter (where kind in (3, 4)) as ghosts, "
    "           count(*) filter (where kind = 2) as claims "
    "           from teamflow.log_records where kind <> 1 group by partition) o "
    "on o.partition = p.partition order by p.partition"
};

/// Asked every second, and so without a look at the log itself.
constexpr statement places_statement{
    "cluster.places",
    "select p.partition, case i.backend when 'kafka' then coalesce(a.\"offset\", -1) "
    "else coalesce(l.next_offset - 1, -1) end, exists (select from teamflow.nodes n "
    " where n.seen_at > now() - interval '3 seconds' and p.partition = any (n.partitions)) "
    "from teamflow.log_info i "
    "cross join generate_series(0, i.partitions - 1) as p (partition) "
    "left join teamflow.archive_checkpoints a on a.partition = p.partition "
    "left join teamflow.log_partitions l on l.partition = p.partition order by p.partition"
};

/// Read models with the partitions that no living process brings into them.
constexpr statement unattended_statement{
    "cluster.unattended",
    "select j.name, string_agg(p.partition::text, ', ' order by p.partition) "
    "from teamflow.projections j cross join teamflow.log_info i "
    "cross join generate_series(0, i.partitions - 1) as p (partition) "
    "where not exists (select from teamflow.nodes n "
    " where n.seen_at > now() - interval '3 seconds' "
    " and j.name = any (n.projections) and p.partition = any (n.projected_partitions)) "
    "group by j.name"
};

constexpr statement epochs_statement{
    "cluster.epochs",
    "select e.partition, e.\"offset\", e.epoch_writer, e.address, e.time, e.ended_at, "
    "(select count(*) from teamflow.log_records g where g.kind <> 1 and g.kind in (3, 4) "
    " and g.partition = e.partition and g.epoch_offset = e.\"offset\") "
    "from teamflow.log_info i "
    "cross join generate_series(0, i.partitions - 1) as p (partition) "
    "cross join lateral ("
    " select partition, \"offset\", epoch_writer, coalesce(data->>'address', '') as address, time, "
    " lead(time) over (order by \"offset\") as ended_at from ("
    "  select * from teamflow.log_records r where r.kind <> 1 and r.kind = 2 "
    "  and r.partition = p.partition order by r.\"offset\" desc limit 10) newest"
    ") e order by e.partition, e.\"offset\" desc"
};

struct node_row {
    events::uuid id{};
    std::string address;
    std::string roles;
    std::string host;
    std::int32_t process_id = 0;
    std::string version;
    events::timestamp started_at;
    events::timestamp seen_at;
    bool is_alive = false;
    std::string partitions;
    std::string projections;
    std::string projected_partitions;
};
BOOST_DESCRIBE_STRUCT(
    node_row,
    (),
    (id,
     address,
     roles,
     host,
     process_id,
     version,
     started_at,
     seen_at,
     is_alive,
     partitions,
     projections,
     projected_partitions)
)

struct partition_row {
    events::partition_id partition = 0;
    events::offset archived = -1;
    std::int64_t ghosts = 0;
    std::int64_t claims = 0;
};
BOOST_DESCRIBE_STRUCT(partition_row, (), (partition, archived, ghosts, claims))

struct place_row {
    events::partition_id partition = 0;
    events::offset archived = -1;
    bool is_owned = false;
};
BOOST_DESCRIBE_STRUCT(place_row, (), (partition, archived, is_owned))

struct epoch_row {
    events::partition_id partition = 0;
    events::offset offset = -1;
    events::uuid writer{};
    std::string address;
    events::timestamp claimed_at;
    std::optional<events::timestamp> ended_at;
    std::int64_t ghosts = 0;
};
BOOST_DESCRIBE_STRUCT(
    epoch_row, (), (partition, offset, writer, address, claimed_at, ended_at, ghosts)
)

/// What PostgreSQL's array_to_json wrote of a column that is never null.
template <class T>
std::vector<T> list_of(const std::string& text) {
    std::vector<T> values;
    const auto parsed = boost::json::parse(text);
    for (const auto& each : parsed.as_array()) {
        if constexpr (std::is_same_v<T, std::string>) {
            values.emplace_back(each.as_string());
        } else {
            values.push_back(each.to_number<T>());
        }
    }
    return values;
}

}  // namespace

infra::task<std::vector<node_view>> nodes(infra::postgres::pool& database) {
    const auto rows = co_await database.query(nodes_statement);
    std::vector<node_view> all;
    for (auto& row : read_rows<node_row>(rows)) {
        all.push_back(
            {.id = row.id,
             .address = std::move(row.address),
             .roles = list_of<std::string>(row.roles),
             .host = std::move(row.host),
             .process_id = row.process_id,
             .version = std::move(row.version),
             .started_at = row.started_at,
             .seen_at = row.seen_at,
             .is_alive = row.is_alive,
             .partitions = list_of<events::partition_id>(row.partitions),
             .projections = list_of<std::string>(row.projections),
             .projected_partitions = list_of<events::partition_id>(row.projected_partitions)}
        );
    }
    co_return all;
}

infra::task<log_view> log_status(infra::postgres::pool& database, const infra::log_tail& tail) {
    const auto info = co_await database.query(log_statement);
    const auto places = co_await database.query(partitions_statement);
    const auto claims = co_await database.query(epochs_statement);
    log_view log{
        .log_id = info.get<events::uuid>(0, 0),
        .backend = info.get<std::string>(0, 1),
        .created_at = info.get<events::timestamp>(0, 2),
        .partitions = {}
    };
    for (const auto& row : read_rows<partition_row>(places)) {
        log.partitions.push_back(
            {.partition = row.partition,
             .end = tail.known_end(row.partition),
             .archived = row.archived,
             .owner = {},
             .owned_since = std::nullopt,
             .ghosts = row.ghosts,
             .claims = row.claims,
             .health = std::nullopt,
             .epochs = {}}
        );
    }
    for (auto& row : read_rows<epoch_row>(claims)) {
        auto& of = log.partitions.at(static_cast<std::size_t>(row.partition));
        if (of.epochs.empty()) {
            of.owner = row.address;
            of.owned_since = row.claimed_at;
        }
        of.epochs.push_back(
            {.offset = row.offset,
             .writer = row.writer,
             .address = std::move(row.address),
             .claimed_at = row.claimed_at,
             .ended_at = row.ended_at,
             .ghosts = row.ghosts}
        );
    }
    co_return log;
}

infra::task<std::vector<follower_sample>> follower_samples(
    infra::postgres::pool& database, const infra::log_tail& tail
) {
    // The ends first: what is then found at them has caught up for sure.
    std::vector<std::optional<events::offset>> ends;
    ends.reserve(static_cast<std::size_t>(tail.partitions()));
    for (events::partition_id partition = 0; partition < tail.partitions(); ++partition) {
        ends.push_back(tail.known_end(partition));
    }
    const auto places = co_await database.query(places_statement);
    const auto missing = co_await database.query(unattended_statement);
    std::map<std::string, std::string, std::less<>> unattended;
    for (std::size_t row = 0; row < missing.rows(); ++row) {
        unattended[missing.get<std::string>(row, 0)] =
            "partitions " + missing.get<std::string>(row, 1);
    }
    const auto projections = co_await projection_status(database, tail, std::nullopt);
    std::vector<follower_sample> samples;
    for (const auto& row : read_rows<place_row>(places)) {
        const auto end = ends.at(static_cast<std::size_t>(row.partition));
        samples.push_back(
            {.name = fmt::format("partition {}", row.partition),
             .behind =
                 end ? std::optional(std::max<std::int64_t>(*end - row.archived, 0)) : std::nullopt,
             .reached = row.archived,
             .parked = 0,
             .unattended = row.is_owned ? "" : "it"}
        );
    }
    for (const auto& view : projections) {
        samples.push_back(
            {.name = "projection " + view.name,
             .behind = view.lag_events,
             .reached = view.records_read,
             .parked = view.parked,
             .unattended = std::move(unattended[view.name])}
        );
    }
    co_return samples;
}

}  // namespace teamflow::query
