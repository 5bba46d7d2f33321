#include "events/upcast.hpp"

#include <algorithm>

namespace teamflow::events {

// Empty as long as every event type is in its first version. A new version of an event adds a line
// { "family.noun_past", 1, [](boost::json::object& data) { ... } } to a static table here.
std::span<const upcaster> upcasters() {
    return {};
}

void upcast(
    std::string_view type,
    std::int16_t version,
    boost::json::object& data,
    std::span<const upcaster> table
) {
    const auto from = [&](const upcaster& each) {
        return each.type == type && each.from_version == version;
    };
    for (auto step = std::ranges::find_if(table, from); step != table.end();
         step = std::ranges::find_if(table, from)) {
        step->change(data);
        ++version;
    }
}

}  // namespace teamflow::events
