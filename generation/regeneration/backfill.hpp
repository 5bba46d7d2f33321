#pragma once
// Values for rows that are there: of columns that are new or must not be empty any more, and of
// columns whose type changes.

#include <expected>
#include <string>

#include "generation/migration/tables.hpp"
#include "generation/regeneration/revision.hpp"

namespace teamflow::generation {

/// A statement of SQL, if one is needed, and what people should know of it, if anything.
struct backfill {
    std::string update;
    migration_warning warning;
};

/// For the rows of the table that have null in the column. Refused in words where only people
/// know what the value is; with `people_know` false something is found for every column.
std::expected<backfill, std::string> backfill_of(
    const model& in, const table& of, const table_column& column, bool people_know
);

struct conversion {
    /// For ALTER ... USING; empty where PostgreSQL needs none.
    std::string sql_using;
    /// After the change of type.
    std::string update;
    migration_warning warning;
};

/// From a field of the last model to what it becomes in the next; both are such that values can be
/// converted.
conversion conversion_of(
    const model& last,
    const model& next,
    const table& of,
    const table_column& from,
    const table_column& to
);

}  // namespace teamflow::generation
