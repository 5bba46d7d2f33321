#pragma once
// What caused what among the events of one request and of what followed from it.

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "query/event_text.hpp"

namespace teamflow::query {

/// An event at its place in the tree.
struct cause {
    events::event_id id;
    std::string type;
    /// The event that led to it; null when the request itself did.
    std::optional<events::uuid> caused_by;
    /// How many events lie above it.
    std::int32_t depth = 0;
};
BOOST_DESCRIBE_STRUCT(cause, (), (id, type, caused_by, depth))

/// All events, each followed by what it led to, else in their order. One whose cause is not among
/// them is at the top.
std::vector<cause> cause_tree(const std::vector<event_view>& events);

}  // namespace teamflow::query
