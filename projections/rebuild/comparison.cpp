#include "projections/rebuild/comparison.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

/// The two tables side by side, rows with equal keys beside each other.
std::string joined(
    const table_definition& table, const std::string& live, const std::string& fresh
) {
    std::string keys;
    for (const auto& each : table.key) {
        keys += (keys.empty() ? "" : ", ") + postgres::quoted_name(each.name);
    }
    const auto name = postgres::quoted_name(table.name);
    return fmt::format(
        "{}.{} as l full join {}.{} as f using ({})",
        postgres::quoted_name(live),
        name,
        postgres::quoted_name(fresh),
        name,
        keys
    );
}

constexpr std::string_view differs = "(l.*) is distinct from (f.*)";

table_comparison count(
    postgres::session& database, const table_definition& table, const std::string& both
) {
    const auto found = database.query(fmt::format(
        "select count(l.position_offset), count(f.position_offset), "
        "count(*) filter (where {}) from {}",
        differs,
        both
    ));
    return {
        .table = table.name,
        .live_rows = found.get<std::int64_t>(0, 0),
        .fresh_rows = found.get<std::int64_t>(0, 1),
        .differing = found.get<std::int64_t>(0, 2)
    };
}

using row = std::optional<boost::json::object>;

row row_of(const postgres::result& found, std::size_t column) {
    const auto text = found.get<std::optional<std::string>>(0, column);
    return text ? row(boost::json::parse(*text).as_object()) : std::nullopt;
}

std::string text_of(const row& of, const std::optional<std::string>& column) {
    if (!of) {
        return "null";
    }
    return column ? boost::json::serialize(of->at(*column)) : boost::json::serialize(*of);
}

std::string position_of(const boost::json::object& of) {
    return to_string(events::position{
        static_cast<events::partition_id>(of.at(position_partition).as_int64()),
        of.at(position_offset).as_int64()
    });
}

row_difference describe(const table_definition& table, const row& live, const row& fresh) {
    const auto& known = fresh ? *fresh : *live;
    boost::json::object key;
    for (const auto& each : table.key) {
        key[each.name] = known.at(each.name);
    }
    row_difference found{
        .table = table.name,
        .key = {boost::json::serialize(key)},
        .column = {},
        .live = {},
        .fresh = {},
        .position = position_of(known)
    };
    if (live && fresh) {
        for (const auto& each : *fresh) {
            if (live->at(each.key()) != each.value()) {
                found.column = each.key();
                break;
            }
        }
    }
    found.live.value = text_of(live, found.column);
    found.fresh.value = text_of(fresh, found.column);
    return found;
}

/// The difference that was written first.
row_difference find_first(
    postgres::session& database, const table_definition& table, const std::string& both
) {
    const auto found = database.query(fmt::format(
        "select case when l.position_offset is not null then row_to_json(l)::text end, "
        "case when f.position_offset is not null then row_to_json(f)::text end from {} where {} "
        "order by coalesce(f.position_offset, l.position_offset), "
        "coalesce(f.position_partition, l.position_partition) limit 1",
        both,
        differs
    ));
    return describe(table, row_of(found, 0), row_of(found, 1));
}

}  // namespace

comparison compare_builds(
    postgres::session& database,
    const projection& what,
    const std::string& live,
    const std::string& fresh
) {
    comparison made;
    for (const auto& each : what.tables) {
        const auto& table = each.definition;
        const auto both = joined(table, live, fresh);
        made.tables.push_back(count(database, table, both));
        if (made.tables.back().differing == 0) {
            continue;
        }
        made.equal = false;
        if (!made.first_difference) {
            made.first_difference = find_first(database, table, both);
        }
    }
    return made;
}

}  // namespace teamflow::projections
