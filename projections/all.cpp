#include "projections/all.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "events/near_names.hpp"
#include "projections/activity.hpp"
#include "projections/organizations.hpp"
#include "projections/projects.hpp"
#include "projections/tasks.hpp"
#include "projections/templates.hpp"
#include "projections/time_logs.hpp"
#include "projections/timers.hpp"
#include "projections/users.hpp"

namespace teamflow::projections {

namespace {

using names = std::vector<std::string_view>;

std::string no_such(std::string_view what, std::string_view name, const names& known) {
    const auto near = events::did_you_mean(name, known);
    return fmt::format(
        "there is no {} '{}'{}",
        what,
        name,
        near.empty() ? fmt::format("; there are {}", fmt::join(known, ", ")) : near
    );
}

}  // namespace

std::span<const projection> all() {
    static const std::array list{
        organizations(),
        users(),
        projects(),
        tasks(),
        time_logs(),
        timers(),
        templates(),
        activity(),
    };
    return list;
}

const projection* find(std::string_view name) {
    const auto found = std::ranges::find(all(), name, &projection::name);
    return found == all().end() ? nullptr : &*found;
}

std::string no_projection(std::string_view name) {
    names known;
    for (const auto& each : all()) {
        known.push_back(each.name);
    }
    return no_such("read model", name, known);
}

named_table find_table(std::string_view name) {
    for (const auto& each : all()) {
        for (const auto& table : each.tables) {
            const auto& own = table.definition.name;
            if (name == own || name == fmt::format("{}.{}", each.name, own)) {
                return {&each, &table.definition};
            }
        }
    }
    return {};
}

std::string no_table(std::string_view name) {
    // Whoever left the read model out meant the table alone.
    const bool is_short = name.find('.') == std::string_view::npos;
    std::vector<std::string> texts;
    for (const auto& each : all()) {
        for (const auto& table : each.tables) {
            const auto& own = table.definition.name;
            texts.push_back(is_short ? std::string(own) : fmt::format("{}.{}", each.name, own));
        }
    }
    return no_such("table", name, names(texts.begin(), texts.end()));
}

}  // namespace teamflow::projections
