#include "projections/table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "infra/postgres/session.hpp"

namespace teamflow::projections {

namespace {

/// `separator` between the results of `write` for each column.
template <class Write>
std::string joined(const std::vector<column>& columns, std::string_view separator, Write write) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += i == 0 ? "" : separator;
        out += write(columns[i], i + 1);
    }
    return out;
}

std::string name_of(const column& column, std::size_t) {
    return postgres::quoted_name(column.name);
}

std::string array_of(const column& column, std::size_t number) {
    return fmt::format("${}::{}[]", number, column.type);
}

std::vector<column> with_lineage(std::vector<column> columns) {
    columns.push_back({std::string(position_offset), "bigint", false});
    columns.push_back({std::string(position_partition), "integer", false});
    return columns;
}

std::string create_statement(
    const table_definition& table, std::string_view where, const std::vector<column>& columns
) {
    return fmt::format(
        "create table {} ({}, primary key ({}))",
        where,
        joined(
            columns,
            ", ",
            [](const column& column, std::size_t) {
                return fmt::format(
                    "{} {}{}",
                    postgres::quoted_name(column.name),
                    column.type,
                    column.nullable ? "" : " not null"
                );
            }
        ),
        joined(table.key, ", ", name_of)
    );
}

std::string upsert_statement(
    const table_definition& table, std::string_view where, const std::vector<column>& columns
) {
    std::vector<column> values;
    std::ranges::copy_if(columns, std::back_inserter(values), [&](const column& candidate) {
        return std::ranges::find(table.key, candidate.name, &column::name) == table.key.end();
    });
    return fmt::format(
        "insert into {} ({}) select * from unnest({}) on conflict ({}) do update set {}",
        where,
        joined(columns, ", ", name_of),
        joined(columns, ", ", array_of),
        joined(table.key, ", ", name_of),
        joined(
            values,
            ", ",
            [](const column& column, std::size_t) {
                return fmt::format("{0} = excluded.{0}", postgres::quoted_name(column.name));
            }
        )
    );
}

/// A single key column compares with `any`, which plans as one index scan; several are joined.
std::string erase_statement(const table_definition& table, std::string_view where) {
    if (table.key.size() == 1) {
        return fmt::format(
            "delete from {} where {} = any({})",
            where,
            postgres::quoted_name(table.key.front().name),
            array_of(table.key.front(), 1)
        );
    }
    return fmt::format(
        "delete from {} as t using unnest({}) as wanted ({}) where {}",
        where,
        joined(table.key, ", ", array_of),
        joined(table.key, ", ", name_of),
        joined(
            table.key,
            " and ",
            [](const column& column, std::size_t) {
                return fmt::format("t.{0} = wanted.{0}", postgres::quoted_name(column.name));
            }
        )
    );
}

std::string load_statement(
    const table_definition& table, std::string_view where, const std::vector<column>& columns
) {
    if (table.key.size() == 1) {
        return fmt::format(
            "select {} from {} where {} = any({})",
            joined(columns, ", ", name_of),
            where,
            postgres::quoted_name(table.key.front().name),
            array_of(table.key.front(), 1)
        );
    }
    return fmt::format(
        "select {} from {} as t join unnest({}) as wanted ({}) using ({})",
        joined(
            columns,
            ", ",
            [](const column& column, std::size_t) {
                return "t." + postgres::quoted_name(column.name);
            }
        ),
        where,
        joined(table.key, ", ", array_of),
        joined(table.key, ", ", name_of),
        joined(table.key, ", ", name_of)
    );
}

}  // namespace

table_sql make_sql(const table_definition& table, std::string_view schema) {
    const auto where = postgres::quoted_name(schema) + "." + postgres::quoted_name(table.name);
    const auto columns = with_lineage(table.columns);
    table_sql sql{
        .create = create_statement(table, where, columns),
        .indexes = {},
        .copy = fmt::format(
            "copy {} ({}) from stdin (format binary)", where, joined(columns, ", ", name_of)
        ),
        .upsert = upsert_statement(table, where, columns),
        .erase = erase_statement(table, where),
        .load = load_statement(table, where, columns)
    };
    for (const auto& index : table.indexes) {
        sql.indexes.push_back(fmt::format("create index on {} {}", where, index));
    }
    return sql;
}

}  // namespace teamflow::projections
