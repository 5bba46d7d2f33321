#include "projections/rebuild/repair.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "projections/rebuild/held_build.hpp"
#include "projections/rebuild/partition_folds.hpp"
#include "projections/rebuild/rebuild_order.hpp"
#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

constexpr std::chrono::hours scratch_life{1};

/// Whose events they are: of the organization itself, or of whoever wrote a row of that key last.
struct owner_of_rows {
    events::organization_id organization;
    /// The rows of that first key column alone; all rows when it is empty.
    std::string key;
};

std::string table_name(std::string_view schema, const table_definition& table) {
    return postgres::quoted_name(schema) + "." + postgres::quoted_name(table.name);
}

std::optional<owner_of_rows> find_owner(
    postgres::session& database, const projection& what, const std::string& key
) {
    if (const auto id = events::parse_uuid(key)) {
        const auto found = database.query(
            "select exists (select from teamflow.log_records where kind = 1 and organization = $1)",
            postgres::params::of(*id)
        );
        if (found.get<bool>(0, 0)) {
            return owner_of_rows{events::organization_id(*id), {}};
        }
    }
    for (const auto& each : what.tables) {
        const auto found = database.query(
            fmt::format(
                "select r.organization from {} as t join teamflow.log_records r "
                "on r.partition = t.position_partition and r.\"offset\" = t.position_offset "
                "where t.{}::text = $1 limit 1",
                table_name(what.name, each.definition),
                postgres::quoted_name(each.definition.key.front().name)
            ),
            {key}
        );
        if (!found.empty()) {
            return owner_of_rows{found.get<events::organization_id>(0, 0), key};
        }
    }
    return std::nullopt;
}

/// The rows that the organization's events wrote last, and those that stand in the way of fresh
/// ones.
std::int64_t remove_rows(
    postgres::session& database,
    const projection& what,
    const table_definition& table,
    const std::string& fresh,
    const owner_of_rows& whose
) {
    std::string same;
    for (const auto& each : table.key) {
        const auto name = postgres::quoted_name(each.name);
        same += fmt::format("{}t.{} = f.{}", same.empty() ? "" : " and ", name, name);
    }
    const auto removed = database.query(
        fmt::format(
            "delete from {} as t where ($2 = '' or t.{}::text = $2) and ("
            "exists (select from teamflow.log_records r where r.partition = t.position_partition "
            "and r.\"offset\" = t.position_offset and r.organization = $1) "
            "or exists (select from {} as f where {}))",
            table_name(what.name, table),
            postgres::quoted_name(table.key.front().name),
            table_name(fresh, table),
            same
        ),
        postgres::params::of(whose.organization, whose.key)
    );
    return static_cast<std::int64_t>(removed.affected());
}

std::int64_t write_rows(
    postgres::session& database,
    const projection& what,
    const table_definition& table,
    const std::string& fresh,
    const owner_of_rows& whose
) {
    const auto written = database.query(
        fmt::format(
            "insert into {} select * from {} as f where $1 = '' or f.{}::text = $1",
            table_name(what.name, table),
            table_name(fresh, table),
            postgres::quoted_name(table.key.front().name)
        ),
        {whose.key}
    );
    return static_cast<std::int64_t>(written.affected());
}

}  // namespace

std::optional<repair_outcome> repair(
    postgres::session& database,
    const postgres::endpoint& place,
    const projection& what,
    const std::string& key,
    const std::function<void(const repair_outcome&)>& finish
) {
    const auto whose = find_owner(database, what, key);
    if (!whose) {
        return std::nullopt;
    }
    postgres::session folding(place);
    const scratch_schema fresh(
        folding, fresh_scratch_name(what.name), "repair " + what.name, scratch_life
    );
    make_tables(folding, what, fresh.name());
    held_build live(database, what);
    std::vector<partition_checkpoint> at;
    at.reserve(live.checkpoints().size());
    for (const auto& each : live.checkpoints()) {
        await_archive(folding, each);
        at.push_back({each.partition, {}});
    }
    fold_target target{
        .database = place,
        .schema = fresh.name(),
        .build = 0,
        .note = {},
        .between = {},
        .parked_keys = {},
        .set_aside = live.parked(),
        .skipped = skipped_places(folding, what.name),
        .how = {.organization = whose->organization}
    };
    fold_partitions(what, target, at, live.checkpoints(), 1);
    repair_outcome outcome{.organization = whose->organization, .tables = {}};
    for (const auto& each : what.tables) {
        const auto& table = each.definition;
        const auto removed = remove_rows(database, what, table, fresh.name(), *whose);
        const auto written = write_rows(database, what, table, fresh.name(), *whose);
        outcome.tables.push_back({table.name, removed, written});
    }
    database.query("select teamflow.renumber_build($1)", {what.name});
    finish(outcome);
    live.commit();
    return outcome;
}

}  // namespace teamflow::projections
