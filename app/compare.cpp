#include "app/compare.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <ranges>
#include <string_view>

#include <fmt/format.h>

#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "generation/model/near.hpp"
#include "generation/regeneration/apply.hpp"
#include "generation/regeneration/comparison.hpp"

namespace teamflow::app {

namespace {

namespace gen = generation;

/// Leaves the named files; false, with all that are not there named, if some are not.
bool choose(std::vector<gen::compared_file>& from, const std::vector<std::string>& names) {
    if (names.empty()) {
        return true;
    }
    std::vector<std::string_view> known;
    std::ranges::copy(
        from | std::views::transform(&gen::compared_file::path), std::back_inserter(known)
    );
    bool all_known = true;
    for (const auto& name : names) {
        if (std::ranges::find(known, name) == known.end()) {
            std::cerr << "teamflow: " << name << ": no file of this application"
                      << gen::suggestion(name, known) << '\n';
            all_known = false;
        }
    }
    std::erase_if(from, [&](const gen::compared_file& each) {
        return std::ranges::find(names, each.path) == names.end();
    });
    return all_known;
}

void tell(const gen::compared_file& file) {
    std::cout << gen::json::enum_name(file.state) << ' ' << file.path << " (" << file.origin << ')';
    if (!file.diff.empty()) {
        std::cout << fmt::format(", {} lines more, {} less", file.added, file.removed);
    }
    std::cout << '\n' << file.diff;
}

}  // namespace

int run_compare(const compare_arguments& with) {
    const gen::pattern_library patterns(with.patterns);
    auto compared = gen::compare_with_patterns(patterns, gen::reader_of(with.directory));
    if (!compared) {
        for (const auto& fault : compared.error()) {
            std::cerr << "teamflow: " << to_string(fault) << '\n';
        }
        return 1;
    }
    if (!choose(*compared, with.files)) {
        return 2;
    }
    const auto same =
        std::ranges::count(*compared, gen::file_state::same, &gen::compared_file::state);
    const auto different = std::ssize(*compared) - same;
    if (with.as_json) {
        std::string told;
        events::json::write(told, *compared);
        std::cout << told << '\n';
    } else {
        for (const auto& file : *compared) {
            if (file.state != gen::file_state::same) {
                tell(file);
            }
        }
        std::cerr << fmt::format("{} files as generated, {} not\n", same, different);
    }
    return different == 0 ? 0 : 1;
}

}  // namespace teamflow::app
