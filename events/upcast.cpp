#include "events/upcast.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "events/json/parse.hpp"

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
    std::vector<std::string_view> nulls;
    for (const auto& move : moves) {
        const auto* const found = data.if_contains(move.from);
        if (!applies(move, data)) {
            nulls.push_back(move.to);
        } else if (found != nullptr) {
            taken.emplace_back(move.to, *found);
        }
    }
    for (const auto& move : moves) {
        data.erase(move.from);
    }
    for (const auto& name : nulls) {
        data[name] = nullptr;
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
    using when = moved_member::when;
    static constexpr std::array founder{moved_member{"owner_id", "founder_id"}};
    static constexpr std::array organizations{
        moved_member{
            "organization_id", "founded_organization_id", when::present, "organization_name"
        },
        moved_member{"organization_id", "joined_organization_id", when::present, "invitation_id"}
    };
    static constexpr std::array all{
        upcaster{"organization.organization_created", 1, nullptr, founder},
        upcaster{"identity.user_registered", 1, nullptr, organizations}
    };
    return all;
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

std::optional<std::string> brought_forward(
    std::string_view type, std::int16_t version, std::string_view data
) {
    if (find(type, version, upcasters()) == nullptr) {
        return std::nullopt;
    }
    boost::json::monotonic_resource arena;
    auto parsed = json::parse(data, &arena);
    if (!parsed || !parsed->is_object()) {
        return std::nullopt;
    }
    upcast(type, version, parsed->as_object());
    return boost::json::serialize(*parsed);
}

}  // namespace teamflow::events
