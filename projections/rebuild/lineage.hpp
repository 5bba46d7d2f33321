#pragma once
// Which events made a row: all that changed it, found by folding its organization anew.

#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// The events that changed the row of `table` whose key columns are `key` (their JSON values
/// without quotes, with commas between them), in order; of a commit with several, the last. The row
/// itself says by its lineage whose events are to be folded. Rows of that organization are held in
/// memory. Blocking. Nullopt when there is no such row. Throws postgres_error.
std::optional<std::vector<events::position>> writers_of(
    infra::postgres::session& database,
    const projection& what,
    const table_definition& table,
    const std::string& key
);

}  // namespace teamflow::projections
