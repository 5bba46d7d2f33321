#pragma once
// The SQL of a read-model table, made from its row type: definition, upsert, delete and load.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/column.hpp"
#include "projections/row.hpp"

namespace teamflow::projections {

struct column {
    std::string name;
    std::string type;
    bool nullable = false;
};

/// A table of a read model without its row type: what SQL needs to know.
struct table_definition {
    std::string name;
    std::vector<column> columns;
    std::vector<column> key;
    std::vector<std::string> indexes;
};

/// The columns behind every row's own: the position that last wrote it (its lineage).
inline constexpr std::string_view position_offset = "position_offset";
inline constexpr std::string_view position_partition = "position_partition";

/// The statements of one table in one schema.
struct table_sql {
    /// `create table`, without indexes.
    std::string create;
    /// One `create index` each; apart from the table so that a rebuild can make them last.
    std::vector<std::string> indexes;
    /// `copy ... from stdin`, for rows as copy_row makes them.
    std::string copy;
    /// Parameters: one array for each column, then offsets and partitions.
    std::string upsert;
    /// Parameters: one array for each key column.
    std::string erase;
    /// Parameters as of `erase`; answers all columns, then offset and partition.
    std::string load;
};

/// Writes the statements of `table` for the schema of that name.
table_sql make_sql(const table_definition& table, std::string_view schema);

/// The definition that a row type declares.
template <row_type R>
table_definition definition_of() {
    table_definition table{.name = std::string(R::table), .columns = {}, .key = {}, .indexes = {}};
    events::json::for_each_member<R>([&](auto descriptor) {
        using member = std::remove_cvref_t<decltype(std::declval<R&>().*descriptor.pointer)>;
        table.columns.push_back(
            {.name = descriptor.name,
             .type = std::string(sql_type_of<member>()),
             .nullable = is_nullable<member>}
        );
    });
    const auto add_key = [&]<class Member>(Member R::* pointer) {
        table.key.push_back(
            {.name = std::string(member_name<R>(pointer)),
             .type = std::string(sql_type_of<Member>()),
             .nullable = false}
        );
    };
    std::apply([&](auto... member) { (add_key(member), ...); }, R::primary_key);
    if constexpr (has_indexes<R>) {
        table.indexes.assign(std::begin(R::indexes), std::end(R::indexes));
    }
    return table;
}

/// Appends a row for table_sql::copy.
template <row_type R>
void copy_row(postgres::copy_rows& into, const R& row, events::position written) {
    std::int16_t columns = 2;
    events::json::for_each_member<R>([&](auto) { ++columns; });
    into.begin_row(columns);
    events::json::for_each_member<R>([&](auto descriptor) { push(into, row.*descriptor.pointer); });
    into.push(written.at);
    into.push(written.partition);
}

/// Collects rows of one type into the parameters of their upsert.
template <row_type R>
class row_arrays {
public:
    row_arrays()
        : offsets_(postgres::array_param::of<events::offset>()),
          partitions_(postgres::array_param::of<events::partition_id>()) {
        events::json::for_each_member<R>([&](auto descriptor) {
            using member = std::remove_cvref_t<decltype(std::declval<R&>().*descriptor.pointer)>;
            columns_.push_back(postgres::array_param::of<typename traveller<member>::type>());
        });
    }

    void add(const R& row, events::position written) {
        std::size_t i = 0;
        events::json::for_each_member<R>([&](auto descriptor) {
            push(columns_[i++], row.*descriptor.pointer);
        });
        offsets_.push(written.at);
        partitions_.push(written.partition);
    }

    /// Leaves the collection empty.
    postgres::params take() {
        postgres::params parameters;
        for (auto& values : columns_) {
            parameters.add(std::move(values));
        }
        parameters.add(std::move(offsets_));
        parameters.add(std::move(partitions_));
        return parameters;
    }

private:
    std::vector<postgres::array_param> columns_;
    postgres::array_param offsets_;
    postgres::array_param partitions_;
};

/// Collects keys of one row type into the parameters of their delete or their load.
template <row_type R>
class key_arrays {
public:
    key_arrays() {
        const auto add_column = [&]<class Member>(Member R::*) {
            columns_.push_back(postgres::array_param::of<typename traveller<Member>::type>());
        };
        std::apply([&](auto... member) { (add_column(member), ...); }, R::primary_key);
    }

    void add(const key_type<R>& key) {
        std::size_t i = 0;
        std::apply([&](const auto&... part) { (push(columns_[i++], part), ...); }, key);
    }

    /// Leaves the collection empty.
    postgres::params take() {
        postgres::params parameters;
        for (auto& values : columns_) {
            parameters.add(std::move(values));
        }
        return parameters;
    }

private:
    std::vector<postgres::array_param> columns_;
};

/// Decodes row `at` of what `load` answered. Throws infra::column_error when the table is not what
/// the row type declares.
template <row_type R>
stored_row<R> read_row(const postgres::result& rows, std::size_t at) {
    stored_row<R> stored;
    std::size_t i = 0;
    events::json::for_each_member<R>([&](auto descriptor) {
        auto& member = stored.row.*descriptor.pointer;
        member = pull<std::remove_cvref_t<decltype(member)>>(rows, at, i++);
    });
    stored.written.at = rows.get<events::offset>(at, i++);
    stored.written.partition = rows.get<events::partition_id>(at, i);
    return stored;
}

}  // namespace teamflow::projections
