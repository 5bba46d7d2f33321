#pragma once
// What changed between two JSON values, member by member.

#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include "events/json/write.hpp"

namespace teamflow::events::json {

/// One member that is not the same. What is not there is null.
struct difference {
    /// A JSON Pointer (RFC 6901), empty for the value as a whole.
    std::string path;
    raw before;
    raw after;
};
BOOST_DESCRIBE_STRUCT(difference, (), (path, before, after))

/// Objects are compared member by member and arrays place by place, all the way down; a personal
/// field, sealed as it is, counts as one value. In the order of `after`, what it lacks last.
/// Recurses as deep as the values are nested: at most max_depth of parse().
std::vector<difference> differences(
    const boost::json::value& before, const boost::json::value& after
);

}  // namespace teamflow::events::json
