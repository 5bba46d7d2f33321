#include "projections/rebuild/table_differences.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "projections/table.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

constexpr std::size_t page_rows = 500;

const std::string columns_sql =
    R"(select a.attname::text, coalesce(a.attnum = any (i.indkey), false)
         from pg_attribute a
         left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
        where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
        order by a.attnum)";

struct described_columns {
    std::vector<std::string> key;
    std::vector<std::string> others;
};

std::string full_name(std::string_view schema, std::string_view table) {
    return postgres::quoted_name(schema) + "." + postgres::quoted_name(table);
}

described_columns describe(
    postgres::session& database, const std::string& schema, const std::string& table
) {
    const auto rows = database.query(columns_sql, {full_name(schema, table)});
    described_columns found;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        auto name = rows.get<std::string>(i, 0);
        if (rows.get<bool>(i, 1)) {
            found.key.push_back(std::move(name));
        } else if (name != position_offset && name != position_partition) {
            found.others.push_back(std::move(name));
        }
    }
    return found;
}

/// `a.x, a.y` for `prefix` a.
std::string listed(const std::vector<std::string>& columns, std::string_view prefix = {}) {
    std::string list;
    for (const auto& each : columns) {
        list += list.empty() ? "" : ", ";
        list.append(prefix).append(postgres::quoted_name(each));
    }
    return list;
}

/// The two tables side by side, rows with equal keys beside each other, that differ.
std::string differing(const compared_table& table) {
    auto sql = fmt::format(
        "from {} as b full join {} as a using ({}) "
        "where b.position_offset is null or a.position_offset is null",
        full_name(table.before, table.name),
        full_name(table.after, table.name),
        listed(table.key)
    );
    if (!table.columns.empty()) {
        sql += fmt::format(
            " or row({}) is distinct from row({})",
            listed(table.columns, "b."),
            listed(table.columns, "a.")
        );
    }
    return sql;
}

/// A row's columns as a JSON object, null where the row is not there.
std::string object_of(const compared_table& table, std::string_view side) {
    return fmt::format(
        "case when {0}.position_offset is not null then "
        "row_to_json((select x from (select {1}) as x))::text end",
        side,
        listed(table.columns, fmt::format("{}.", side))
    );
}

using object = std::optional<boost::json::object>;

object read_object(const std::optional<std::string>& text) {
    return text ? object(boost::json::parse(*text).as_object()) : std::nullopt;
}

events::json::raw raw_of(const object& row) {
    return {row ? boost::json::serialize(*row) : "null"};
}

changed_row read_change(const compared_table& table, const postgres::result& rows, std::size_t at) {
    auto before = read_object(rows.get<std::optional<std::string>>(at, 1));
    auto after = read_object(rows.get<std::optional<std::string>>(at, 2));
    auto change = before ? row_change::removed : row_change::added;
    if (before && after) {
        change = row_change::changed;
        for (const auto& column : table.columns) {
            if (before->at(column) == after->at(column)) {
                before->erase(column);
                after->erase(column);
            }
        }
    }
    return {
        .table = table.name,
        .change = change,
        .key = {rows.get<std::string>(at, 0)},
        .before = raw_of(before),
        .after = raw_of(after),
        .position = to_string(
            events::position{rows.get<events::partition_id>(at, 3), rows.get<events::offset>(at, 4)}
        )
    };
}

}  // namespace

table_places tables_in(postgres::session& database, const std::string& schema) {
    const auto rows =
        database.query("select tablename::text from pg_tables where schemaname = $1", {schema});
    table_places found;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        found.emplace(rows.get<std::string>(i, 0), schema);
    }
    return found;
}

std::vector<compared_table> compared_tables(
    postgres::session& database, const table_places& before, const table_places& after
) {
    std::vector<compared_table> both;
    for (const auto& [name, schema] : before) {
        const auto other = after.find(name);
        if (other == after.end()) {
            continue;
        }
        const auto first = describe(database, schema, name);
        const auto second = describe(database, other->second, name);
        compared_table table{
            .name = name,
            .before = schema,
            .after = other->second,
            .key = first.key,
            .columns = {},
            .left_out = {}
        };
        const std::set<std::string> old(first.others.begin(), first.others.end());
        const std::set<std::string> now(second.others.begin(), second.others.end());
        std::ranges::copy_if(
            second.others,
            std::back_inserter(table.columns),
            [&](const auto& column) { return old.contains(column); }
        );
        std::ranges::set_symmetric_difference(old, now, std::back_inserter(table.left_out));
        both.push_back(std::move(table));
    }
    return both;
}

change_counts count_changes(postgres::session& database, const compared_table& table) {
    const auto found = database.query(fmt::format(
        "select count(*) filter (where b.position_offset is null), "
        "count(*) filter (where a.position_offset is null), count(*) {}",
        differing(table)
    ));
    change_counts counts{.added = found.get<std::int64_t>(0, 0)};
    counts.removed = found.get<std::int64_t>(0, 1);
    counts.changed = found.get<std::int64_t>(0, 2) - counts.added - counts.removed;
    return counts;
}

void for_each_change(
    postgres::session& database,
    const compared_table& table,
    const std::function<bool(const changed_row&)>& tell
) {
    database.execute(fmt::format(
        "declare changes no scroll cursor for "
        "select row_to_json((select x from (select {}) as x))::text, {}, {}, "
        "coalesce(a.position_partition, b.position_partition), "
        "coalesce(a.position_offset, b.position_offset) {} order by 5, 4, 1",
        listed(table.key),
        object_of(table, "b"),
        object_of(table, "a"),
        differing(table)
    ));
    bool goes_on = true;
    while (goes_on) {
        const auto rows = database.query(fmt::format("fetch {} from changes", page_rows));
        for (std::size_t at = 0; goes_on && at < rows.rows(); ++at) {
            goes_on = tell(read_change(table, rows, at));
        }
        goes_on = goes_on && rows.rows() == page_rows;
    }
    database.execute("close changes");
}

}  // namespace teamflow::projections
