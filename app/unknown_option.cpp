#include "app/unknown_option.hpp"

#include <algorithm>
#include <string_view>

#include "events/near_names.hpp"

namespace teamflow::app {

namespace {

constexpr std::string_view dashes = "--";

/// The subcommand that the arguments begin with, at whatever depth.
const CLI::App& named(const CLI::App& program, const std::vector<std::string>& arguments) {
    const CLI::App* found = &program;
    for (const auto& argument : arguments) {
        const auto inner = found->get_subcommands([&](const CLI::App* each) {
            return each->get_name() == argument;
        });
        if (inner.empty()) {
            break;
        }
        found = inner.front();
    }
    return *found;
}

}  // namespace

std::vector<std::string> near_options(
    const CLI::App& program, const std::vector<std::string>& arguments
) {
    std::vector<std::string> names;
    for (const auto* const option : named(program, arguments).get_options()) {
        for (const auto& name : option->get_lnames()) {
            names.push_back(name);
        }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    std::vector<std::string> told;
    for (const std::string_view argument : arguments) {
        if (!argument.starts_with(dashes)) {
            continue;
        }
        const auto wanted = argument.substr(dashes.size(), argument.find('=') - dashes.size());
        if (std::ranges::find(known, wanted) != known.end()) {
            continue;
        }
        const auto near = events::near_names(wanted, known);
        if (!near.empty()) {
            told.push_back(
                "there is no --" + std::string(wanted) + " (did you mean `--" +
                std::string(near.front()) + "`?)"
            );
        }
    }
    return told;
}

}  // namespace teamflow::app
