#pragma once
// The rules of a single field: which options go with its type, and whether they leave a value.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "generation/model/model.hpp"

namespace teamflow::generation {

inline constexpr int max_digits = 28;

/// An option that goes with some types only; `kinds` ends the sentence "is only for ...".
struct option_rule {
    std::string_view option;
    bool (*given)(const field&);
    bool (*goes_with)(kind);
    std::string_view kinds;
};

std::span<const option_rule> option_rules();

/// Takes the path, code and message of a fault.
using report_fault = std::function<void(std::string, std::string, std::string)>;

/// The kind of the field is known; `path` is its own.
void check_field(
    const model& in, const field& of, const std::string& path, const report_fault& report
);

}  // namespace teamflow::generation
