#pragma once
// Decimals travel as texts, so their limits are published as a regular expression.

#include <string>

#include "generation/model/model.hpp"

namespace teamflow::generation::python {

/// Matches the decimals that the field takes and no others: without leading zeros, with at most the
/// field's places, within its min and max. Digits are named one by one: `\d` takes those of all
/// alphabets in Python, and not in JSON Schema. Of limits that differ only behind the point, the
/// digits before it are matched.
std::string decimal_pattern(const field& of);

}  // namespace teamflow::generation::python
