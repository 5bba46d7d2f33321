#pragma once
// Results that no server gave: what a simulated database answers with.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/postgres/result.hpp"

namespace teamflow::infra::postgres {

/// Rows as a server would have given them, of values in binary form (nullopt: null). Each row has
/// one value for each of `types`.
result make_result(
    std::span<const type_number> types,
    std::span<const std::vector<std::optional<std::string>>> rows
);

}  // namespace teamflow::infra::postgres
