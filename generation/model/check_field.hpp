#pragma once
// The rules of a single field: which options go with its type, and whether they leave a value.

#include <functional>
#include <string>

#include "generation/model/model.hpp"

namespace teamflow::generation {

/// Takes the path, code and message of a fault.
using report_fault = std::function<void(std::string, std::string, std::string)>;

/// The kind of the field is known; `path` is its own.
void check_field(
    const model& in, const field& of, const std::string& path, const report_fault& report
);

}  // namespace teamflow::generation
