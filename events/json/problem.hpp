#pragma once
// One fault of an input, named by field: what every reader of foreign JSON reports.

#include <string>
#include <vector>

#include <boost/describe/class.hpp>

namespace teamflow::events::json {

/// `field` is a dotted path (`checklist.0.text`), empty for the document as a whole; `code` is
/// stable and meant for programs (`required`, `wrong_type`, `too_long`, `unknown_field`, …).
struct problem {
    std::string field;
    std::string code;
    std::string message;

    friend bool operator==(const problem&, const problem&) = default;
};
BOOST_DESCRIBE_STRUCT(problem, (), (field, code, message))

using problems = std::vector<problem>;

}  // namespace teamflow::events::json
