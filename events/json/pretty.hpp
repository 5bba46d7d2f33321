#pragma once
// JSON as people and diffs like it.

#include <string>

#include <boost/json/value.hpp>

namespace teamflow::events::json {

/// `value` indented by two spaces, one member or element a line, short arrays of plain values in
/// one line, ended by a line feed. Members keep their order.
std::string pretty(const boost::json::value& value);

}  // namespace teamflow::events::json
