#pragma once
// What differs between two sets of read-model tables: rows that came, went and changed (R2, R4).

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/json/write.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Where each table of one side lies: names of tables to names of schemas.
using table_places = std::map<std::string, std::string>;

/// The tables of a schema.
table_places tables_in(infra::postgres::session& database, const std::string& schema);

/// A table that both sides have, as the database describes it: the program that made it may have
/// been another one.
struct compared_table {
    std::string name;
    /// The schemas.
    std::string before;
    std::string after;
    std::vector<std::string> key;
    /// Which both sides have, in order, without key and lineage.
    std::vector<std::string> columns;
    /// Which one side lacks: they are not compared.
    std::vector<std::string> left_out;
};

/// The tables that both sides have, by name.
std::vector<compared_table> compared_tables(
    infra::postgres::session& database, const table_places& before, const table_places& after
);

enum class row_change { added, removed, changed };
BOOST_DESCRIBE_ENUM(row_change, added, removed, changed)

/// How many rows of a table differ.
struct change_counts {
    std::int64_t added = 0;
    std::int64_t removed = 0;
    std::int64_t changed = 0;
};

/// A row that differs.
struct changed_row {
    std::string table;
    row_change change{};
    /// JSON objects: its key columns; of the others those that differ, or all where one side does
    /// not have the row, which is null then.
    events::json::raw key;
    events::json::raw before;
    events::json::raw after;
    /// The event that wrote it last: on the side after if that has it.
    std::string position;
};
BOOST_DESCRIBE_STRUCT(changed_row, (), (table, change, key, before, after, position))

// Each compares what `columns` names; which event wrote a row last is no difference. Blocking.
// Within a transaction of the caller, so that both see one state. Throws postgres_error.

change_counts count_changes(infra::postgres::session& database, const compared_table& table);

/// Calls `tell` with each row that differs, in the order in which they were written, until it
/// answers false. Holds some hundred rows at a time.
void for_each_change(
    infra::postgres::session& database,
    const compared_table& table,
    const std::function<bool(const changed_row&)>& tell
);

}  // namespace teamflow::projections
