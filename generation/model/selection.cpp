#include "generation/model/selection.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "generation/model/near.hpp"

namespace teamflow::generation {

namespace {

using chosen_names = std::set<std::string, std::less<>>;

std::vector<const relation*> leading_out_of(const entity& of) {
    std::vector<const relation*> all;
    for (const auto* const some : {&of.relations, &of.links}) {
        std::ranges::transform(*some, std::back_inserter(all), [](const auto& each) {
            return &each;
        });
    }
    return all;
}

faults unknown_names(const model& from, const std::vector<std::string>& names) {
    std::vector<std::string_view> known;
    std::ranges::copy(
        from.entities | std::views::transform(&entity::name), std::back_inserter(known)
    );
    faults found;
    for (const auto& name : names) {
        if (from.find_entity(name) == nullptr) {
            found.push_back(
                {"entities." + name,
                 "unknown_entity",
                 "is not in the model" + suggestion(name, known),
                 0}
            );
        }
    }
    return found;
}

faults open_ends(const model& from, const chosen_names& chosen) {
    faults found;
    for (const auto& each : from.entities) {
        if (!chosen.contains(each.name)) {
            continue;
        }
        for (const auto* const relation : leading_out_of(each)) {
            if (!chosen.contains(relation->to)) {
                found.push_back(
                    {"entities." + each.name + ".relations." + relation->name,
                     "not_selected",
                     "leads to " + relation->to + ", which is not selected",
                     0}
                );
            }
        }
    }
    return found;
}

chosen_names with_targets(const model& from, const chosen_names& chosen) {
    chosen_names all;
    std::vector<std::string> open(chosen.begin(), chosen.end());
    while (!open.empty()) {
        const std::string name = std::move(open.back());
        open.pop_back();
        if (all.insert(name).second) {
            for (const auto* const relation : leading_out_of(*from.find_entity(name))) {
                open.push_back(relation->to);
            }
        }
    }
    return all;
}

bool uses(const model& of, const enumeration& wanted) {
    return std::ranges::any_of(of.entities, [&](const entity& each) {
        return std::ranges::find(each.fields, wanted.name, &field::type) != each.fields.end();
    });
}

}  // namespace

std::expected<selection, faults> select_entities(
    const model& from, const std::vector<std::string>& names, bool add_targets
) {
    if (auto unknown = unknown_names(from, names); !unknown.empty()) {
        return std::unexpected(std::move(unknown));
    }
    const chosen_names named(names.begin(), names.end());
    const chosen_names chosen = add_targets ? with_targets(from, named) : named;
    if (auto open = open_ends(from, chosen); !open.empty()) {
        return std::unexpected(std::move(open));
    }
    selection made{from, {}};
    std::erase_if(made.model.entities, [&](const entity& each) {
        return !chosen.contains(each.name);
    });
    std::erase_if(made.model.enums, [&](const enumeration& each) {
        return !uses(made.model, each);
    });
    for (const auto& each : made.model.entities) {
        if (!named.contains(each.name)) {
            made.added.push_back(each.name);
        }
    }
    return made;
}

}  // namespace teamflow::generation
