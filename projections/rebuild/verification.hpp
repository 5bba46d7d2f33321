#pragma once
// Proves a live read model: folds the log anew and compares row by row (B3).

#include <functional>
#include <string>

#include "projections/projection.hpp"
#include "projections/rebuild/comparison.hpp"

namespace teamflow::projections {

/// Folds all events into a scratch schema, giving way to live read models that fall behind. Then it
/// holds the live build for as long as it takes to fold the last of them, and compares both as of
/// that moment. Commits that wait in the live build are left out on both sides, and so are those
/// that an admin gave up. `between` is called on threads of the fold; what it throws ends it.
/// Blocking. Throws postgres_error, and std::runtime_error when there is no live build, or the
/// archive does not come to its place.
comparison verify(
    const infra::postgres::endpoint& place,
    const projection& what,
    const std::function<void()>& between = {}
);

}  // namespace teamflow::projections
