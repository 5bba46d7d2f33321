#pragma once
// Whether two builds of a projection hold the same rows, and the first place where they do not.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/types.hpp"
#include "events/json/write.hpp"
#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// A row that is not the same on both sides.
struct row_difference {
    std::string table;
    /// Its key columns as a JSON object.
    events::json::raw key;
    /// The first column that differs; null when one side does not have the row.
    std::optional<std::string> column;
    /// JSON values of that column, or whole rows; null where there is no row.
    events::json::raw live;
    events::json::raw fresh;
    /// The event that wrote the row last, by the fresh side if it has it.
    std::string position;
};
BOOST_DESCRIBE_STRUCT(row_difference, (), (table, key, column, live, fresh, position))

struct table_comparison {
    std::string table;
    std::int64_t live_rows = 0;
    std::int64_t fresh_rows = 0;
    std::int64_t differing = 0;
};
BOOST_DESCRIBE_STRUCT(table_comparison, (), (table, live_rows, fresh_rows, differing))

struct comparison {
    bool equal = true;
    std::vector<table_comparison> tables;
    std::optional<row_difference> first_difference;
    /// Commits that wait in the live build: their rows were left out on both sides.
    std::int64_t parked = 0;
};
BOOST_DESCRIBE_STRUCT(comparison, (), (equal, tables, first_difference, parked))

/// Compares the tables in the schemas `live` and `fresh` row by row, lineage included, by one
/// statement a table. Blocking. Throws postgres_error.
comparison compare_builds(
    infra::postgres::session& database,
    const projection& what,
    const std::string& live,
    const std::string& fresh
);

}  // namespace teamflow::projections
