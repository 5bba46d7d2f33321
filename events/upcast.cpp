#include "events/upcast.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

namespace teamflow::events {

namespace {

bool applies(const moved_member& move, const boost::json::object& data) {
    if (move.condition == moved_member::when::always) {
        return true;
    }
    const auto* const decides = data.if_contains(move.decided_by);
    const bool is_null = decides == nullptr || decides->is_null();
    return is_null == (move.condition == moved_member::when::null);
}

/// All are taken before any is put, so that two members can change places.
void apply(std::span<const moved_member> moves, boost::json::object& data) {
    std::vector<std::pair<std::string_view, boost::json::value>> taken;
    for (const auto& move : moves) {
        const auto* const found = data.if_contains(move.from);
        if (found != nullptr && applies(move, data)) {
            taken.emplace_back(move.to, *found);
        }
    }
    for (const auto& move : moves) {
        data.erase(move.from);
    }
    for (auto& [name, value] : taken) {
        data[name] = std::move(value);
    }
}

const upcaster* find(std::string_view type, std::int16_t version, std::span<const upcaster> table) {
    const auto found = std::ranges::find_if(table, [&](const upcaster& each) {
        return each.type == type && each.from_version == version;
    });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace

// A new version of an event adds a line here: { "family.noun_past", 1, change, moves }.
std::span<const upcaster> upcasters() {
    return {};
}

std::int16_t version_reached(
    std::string_view type, std::int16_t version, std::span<const upcaster> table
) {
    while (find(type, version, table) != nullptr) {
        ++version;
    }
    return version;
}

void upcast(
    std::string_view type,
    std::int16_t version,
    boost::json::object& data,
    std::span<const upcaster> table
) {
    while (const auto* const step = find(type, version, table)) {
        apply(step->moves, data);
        if (step->change != nullptr) {
            step->change(data);
        }
        ++version;
    }
}

}  // namespace teamflow::events
