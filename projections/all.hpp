#pragma once
// The list of all projections: this is where a new one is made known.

#include <span>
#include <string>
#include <string_view>

#include "projections/projection.hpp"

namespace teamflow::projections {

/// Every projection of the program; they live as long as it.
std::span<const projection> all();

/// The one of that name; nullptr when there is none.
const projection* find(std::string_view name);

/// Why there is none of that name, for people: with the near ones, or else with all.
std::string no_projection(std::string_view name);

/// `tasks.board`, or `board` alone.
struct named_table {
    /// Null, as `table`, when there is none of that name.
    const projection* what = nullptr;
    const table_definition* table = nullptr;
};

named_table find_table(std::string_view name);

/// As no_projection(), of a table.
std::string no_table(std::string_view name);

}  // namespace teamflow::projections
