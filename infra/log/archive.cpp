#include "infra/log/archive.hpp"

#include <fmt/format.h>

#include "infra/log/record_rows.hpp"

namespace teamflow::infra {

namespace {

using postgres::params;
using postgres::statement;

std::string select_records(std::string_view rest) {
    return fmt::format("select {} from teamflow.log_records where {}", record_columns, rest);
}

const std::string& stream_sql() {
    static const std::string sql = select_records(
        "kind = 1 and organization = $1 and stream = $2 and stream_version > $3"
        " order by stream_version limit $4"
    );
    return sql;
}

const std::string& organization_sql() {
    static const std::string sql = select_records(
        R"(kind = 1 and organization = $1 and "offset" > $2 order by "offset" limit $3)"
    );
    return sql;
}

const std::string& once_sql() {
    static const std::string sql =
        select_records("kind = 1 and idempotency_key is not null and idempotency_key = $1");
    return sql;
}

const std::string& range_sql() {
    static const std::string sql =
        select_records(R"(partition = $1 and "offset" >= $2 order by "offset" limit $3)");
    return sql;
}

constexpr statement find_snapshot_statement{
    "snapshot.find",
    R"(select version, "offset", format, state from teamflow.snapshots)"
    R"( where organization = $1 and stream = $2)"
};

constexpr statement save_snapshot_statement{
    "snapshot.save",
    R"(insert into teamflow.snapshots (organization, stream, version, "offset", format, state))"
    R"( values ($1, $2, $3, $4, $5, $6))"
    R"( on conflict (organization, stream) do update set version = excluded.version,)"
    R"( "offset" = excluded."offset", format = excluded.format, state = excluded.state,)"
    R"( saved_at = now() where snapshots."offset" < excluded."offset")"
    R"( or snapshots.format <> excluded.format)"
};

}  // namespace

task<std::vector<events::record_ptr>> archive::stream(
    events::organization_id organization,
    std::string stream,
    std::int64_t after_version,
    std::int32_t limit
) {
    const statement what{"archive.stream", stream_sql()};
    auto with = params::of(organization, stream, after_version, limit);
    const auto rows = co_await database_.query(what, std::move(with));
    co_return read_records(rows);
}

task<std::vector<events::record_ptr>> archive::organization(
    events::organization_id organization, events::offset after, std::int32_t limit
) {
    const statement what{"archive.organization", organization_sql()};
    auto with = params::of(organization, after, limit);
    const auto rows = co_await database_.query(what, std::move(with));
    co_return read_records(rows);
}

task<events::record_ptr> archive::find_once(std::string key) {
    const statement what{"archive.find_once", once_sql()};
    auto with = params::of(key);
    const auto rows = co_await database_.query(what, std::move(with));
    co_return rows.empty() ? nullptr : read_record(rows, 0);
}

task<std::optional<snapshot>> archive::find_snapshot(
    events::organization_id organization, std::string stream
) {
    auto with = params::of(organization, stream);
    const auto rows = co_await database_.query(find_snapshot_statement, std::move(with));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return snapshot{
        .organization = organization,
        .stream = std::move(stream),
        .version = rows.get<std::int64_t>(0, 0),
        .at = rows.get<std::int64_t>(0, 1),
        .format = rows.get<std::int32_t>(0, 2),
        .state = rows.get<std::string>(0, 3)
    };
}

task<> archive::save_snapshot(snapshot taken) {
    const postgres::json_text state{taken.state};
    auto with =
        params::of(taken.organization, taken.stream, taken.version, taken.at, taken.format, state);
    co_await database_.query(save_snapshot_statement, std::move(with));
}

task<std::vector<events::record_ptr>> archive::range(
    events::partition_id partition, events::offset from, std::int64_t limit
) {
    const statement what{"archive.range", range_sql()};
    auto with = params::of(partition, from, limit);
    const auto rows = co_await database_.query(what, std::move(with));
    co_return read_records(rows);
}

}  // namespace teamflow::infra
