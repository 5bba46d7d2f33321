#pragma once
// Lines of patterns that names made too long.

#include <string>
#include <string_view>

namespace teamflow::generation::python {

/// The module with what is in the last brackets of a line that is too long (`f(a, b)`,
/// `class A(B):`) on lines of its own, as ruff's formatter has it. Lines that do not end with their
/// brackets, comments and the inside of texts over several lines are left as they are.
std::string broken_up(std::string_view module);

}  // namespace teamflow::generation::python
