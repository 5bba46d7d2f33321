#include "projections/rebuild/rebuild_order.hpp"

#include <fmt/format.h>

#include "events/json/described.hpp"
#include "projections/build.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

template <class Enum>
Enum enum_at(const postgres::result& rows, std::size_t column) {
    const auto name = rows.get<std::string_view>(0, column);
    const auto value = events::json::enum_value<Enum>(name);
    if (!value) {
        throw infra::column_error("unknown enumerator '" + std::string(name) + "'");
    }
    return *value;
}

}  // namespace

std::string schema_of_build(std::string_view projection, std::int64_t build) {
    return fmt::format("{}__build_{}", projection, build);
}

std::optional<rebuild_order> take_rebuild(postgres::session& database, std::string_view holder) {
    static const std::string sql = "select * from teamflow.take_rebuild($1, $2)";
    const auto length = static_cast<std::int32_t>(rebuild_lease_length.count());
    const auto taken = database.query(sql, postgres::params::of(holder, length));
    if (taken.empty()) {
        return std::nullopt;
    }
    return rebuild_order{
        .projection = taken.get<std::string>(0, 0),
        .build = taken.get<std::int64_t>(0, 1),
        .is_undo = taken.get<bool>(0, 2),
        .stage = enum_at<rebuild_stage>(taken, 3),
        .wish = enum_at<rebuild_wish>(taken, 4),
        .keep_seconds = taken.get<std::int64_t>(0, 5),
        .term = taken.get<std::int64_t>(0, 6)
    };
}

void hold_term(postgres::session& database, const rebuild_order& order) {
    static const std::string sql = "select teamflow.hold_term($1, $2)";
    database.query(sql, postgres::params::of(order.projection, order.term));
}

void enter_stage(postgres::session& database, const rebuild_order& order, rebuild_stage stage) {
    static const std::string sql =
        "with held as materialized (select teamflow.hold_term($1, $2)) "
        "update teamflow.rebuilds set stage = $3, "
        "ended_at = case when $3 in ('done', 'aborted') then now() end "
        "from held where projection = $1";
    const auto name = events::json::enum_name(stage);
    database.query(sql, postgres::params::of(order.projection, order.term, name));
}

void note_error(postgres::session& database, const rebuild_order& order, std::string_view error) {
    static const std::string sql =
        "with held as materialized (select teamflow.hold_term($1, $2)) "
        "update teamflow.rebuilds set error = $3, holder = '', lease_until = '-infinity' "
        "from held where projection = $1";
    database.query(sql, postgres::params::of(order.projection, order.term, error));
}

std::vector<partition_checkpoint> checkpoints_of_build(
    postgres::session& database, std::string_view projection, std::int64_t build
) {
    static const std::string sql =
        "select partition, \"offset\", epoch_offset, epoch_writer, next_sequence "
        "from teamflow.projection_checkpoints where projection = $1 and build = $2 "
        "order by partition";
    return checkpoints_in(database.query(sql, postgres::params::of(projection, build)));
}

void move_checkpoint(
    postgres::session& database,
    const rebuild_order& order,
    events::partition_id partition,
    const events::checkpoint& to
) {
    static const std::string sql =
        "update teamflow.projection_checkpoints set \"offset\" = $4, epoch_offset = $5, "
        "epoch_writer = $6, next_sequence = $7, updated_at = clock_timestamp() "
        "where projection = $1 and build = $2 and partition = $3";
    database.query(
        sql,
        postgres::params::of(
            order.projection,
            order.build,
            partition,
            to.at,
            to.reign.claimed_at,
            to.reign.writer,
            to.next_sequence
        )
    );
}

std::vector<std::string> parked_keys_of_build(
    postgres::session& database, std::string_view projection, std::int64_t build
) {
    static const std::string sql =
        "select distinct key from teamflow.parked_events where projection = $1 and build = $2";
    const auto rows = database.query(sql, postgres::params::of(projection, build));
    std::vector<std::string> keys;
    keys.reserve(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        keys.push_back(rows.get<std::string>(i, 0));
    }
    return keys;
}

std::set<place> skipped_places(postgres::session& database, std::string_view projection) {
    static const std::string sql =
        "select partition, \"offset\" from teamflow.skipped_commits where projection = $1";
    const auto rows = database.query(sql, postgres::params::of(projection));
    std::set<place> places;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        places.emplace(rows.get<events::partition_id>(i, 0), rows.get<events::offset>(i, 1));
    }
    return places;
}

}  // namespace teamflow::projections
