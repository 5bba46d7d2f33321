#pragma once
// What the generator says of a model, as lines to compare.

#include <string>
#include <vector>

namespace teamflow::tests {

using lines = std::vector<std::string>;

/// `12: Order.total: unknown_type` for each of them, faults or notes.
template <class Faults>
lines told(const Faults& faults) {
    lines all;
    for (const auto& each : faults) {
        all.push_back(std::to_string(each.line) + ": " + each.path + ": " + each.code);
    }
    return all;
}

}  // namespace teamflow::tests
