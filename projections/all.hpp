#pragma once
// The list of all projections: this is where a new one is made known.

#include <span>

#include "projections/projection.hpp"

namespace teamflow::projections {

/// Every projection of the program; they live as long as it.
std::span<const projection> all();

}  // namespace teamflow::projections
