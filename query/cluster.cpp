#include "query/cluster.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/projection_status.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

/// For how long a living process may be silent, which tells of itself every second
/// (app/heartbeat.hpp). The parameter of every statement that looks at processes.
constexpr double silence_s = 3;

constexpr statement nodes_statement{
    "cluster.nodes",
    "select id, address, to_jsonb(roles), host, process_id, version, started_at, seen_at, "
    "seen_at > now() - make_interval(secs => $1), to_jsonb(partitions), to_jsonb(projections), "
    "to_jsonb(projected_partitions) from teamflow.nodes order by started_at, id"
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
    " where n.seen_at > now() - make_interval(secs => $1) and p.partition = any (n.partitions)) "
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
    " where n.seen_at > now() - make_interval(secs => $1) "
    " and j.name = any (n.projections) and p.partition = any (n.projected_partitions)) "
    "group by j.name"
};

constexpr statement epochs_statement{
    "cluster.epochs",
    "select e.\"offset\", e.epoch_writer, e.address, e.time, e.ended_at, "
    "(select count(*) from teamflow.log_records g where g.kind <> 1 and g.kind in (3, 4) "
    " and g.partition = e.partition and g.epoch_offset = e.\"offset\"), e.partition "
    "from teamflow.log_info i "
    "cross join generate_series(0, i.partitions - 1) as p (partition) "
    "cross join lateral ("
    " select partition, \"offset\", epoch_writer, coalesce(data->>'address', '') as address, time, "
    " lead(time) over (order by \"offset\") as ended_at from ("
    "  select * from teamflow.log_records r where r.kind <> 1 and r.kind = 2 "
    "  and r.partition = p.partition order by r.\"offset\" desc limit 10) newest"
    ") e order by e.partition, e.\"offset\" desc"
};

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

/// Behind the members of an epoch_view.
constexpr std::size_t partition_of_epoch = 6;

}  // namespace

infra::task<std::vector<node_view>> nodes(infra::postgres::pool& database) {
    const auto rows = co_await database.query(nodes_statement, params::of(silence_s));
    co_return read_rows<node_view>(rows);
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
             .end = tail.current_end(row.partition, log_silence_max),
             .archived = row.archived,
             .owner = {},
             .owned_since = std::nullopt,
             .ghosts = row.ghosts,
             .claims = row.claims,
             .health = std::nullopt,
             .epochs = {}}
        );
    }
    for (std::size_t row = 0; row < claims.rows(); ++row) {
        const auto partition = claims.get<events::partition_id>(row, partition_of_epoch);
        auto& of = log.partitions.at(static_cast<std::size_t>(partition));
        auto epoch = read_row<epoch_view>(claims, row);
        if (of.epochs.empty()) {
            of.owner = epoch.address;
            of.owned_since = epoch.claimed_at;
        }
        of.epochs.push_back(std::move(epoch));
    }
    co_return log;
}

void add_newer_claims(partition_view& to, std::vector<epoch_view> oldest_first) {
    constexpr std::size_t epochs_max = 10;
    for (auto& claim : oldest_first) {
        if (!to.epochs.empty() && claim.offset <= to.epochs.front().offset) {
            continue;
        }
        if (!to.epochs.empty()) {
            to.epochs.front().ended_at = claim.claimed_at;
        }
        to.owner = claim.address;
        to.owned_since = claim.claimed_at;
        ++to.claims;
        to.epochs.insert(to.epochs.begin(), std::move(claim));
    }
    to.epochs.resize(std::min(to.epochs.size(), epochs_max));
}

infra::task<std::vector<follower_sample>> follower_samples(
    infra::postgres::pool& database, const infra::log_tail& tail
) {
    // The ends first: what is then found at them has caught up for sure.
    std::vector<std::optional<events::offset>> ends;
    ends.reserve(static_cast<std::size_t>(tail.partitions()));
    for (events::partition_id partition = 0; partition < tail.partitions(); ++partition) {
        ends.push_back(tail.current_end(partition, log_silence_max));
    }
    const auto places = co_await database.query(places_statement, params::of(silence_s));
    const auto missing = co_await database.query(unattended_statement, params::of(silence_s));
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
