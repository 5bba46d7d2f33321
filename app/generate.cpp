#include "app/generate.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/model_input.hpp"
#include "app/regenerate.hpp"
#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "generation/compose.hpp"
#include "generation/estimate.hpp"
#include "generation/model/selection.hpp"
#include "generation/output.hpp"
#include "generation/preview.hpp"
#include "generation/readiness.hpp"

namespace teamflow::app {

namespace {

generation::composition composition_of(const generate_arguments& with) {
    generation::composition how;
    how.mode = with.minimal ? generation::composition_mode::minimal : how.mode;
    events::json::for_each_member<generation::composition>([&](auto descriptor) {
        using member = std::remove_cvref_t<decltype(how.*descriptor.pointer)>;
        if constexpr (std::is_same_v<member, bool>) {
            const bool left_out =
                std::ranges::find(with.without, descriptor.name) != with.without.end();
            how.*descriptor.pointer = !left_out;
        }
    });
    return how;
}

/// Leaves the entities that are asked for; false, with every fault told, if that cannot be.
bool select(generation::model& from, const generate_arguments& with) {
    if (with.entities.empty()) {
        return true;
    }
    auto part = generation::select_entities(from, with.entities, with.add_targets);
    if (!part) {
        for (const auto& fault : part.error()) {
            std::cerr << "teamflow: " << with.model << ": " << to_string(fault) << '\n';
        }
        if (part.error().front().code == "not_selected") {
            std::cerr << "teamflow: select these too, or add --with-targets\n";
        }
        return false;
    }
    if (!part->added.empty()) {
        std::cerr << fmt::format("taken along: {}\n", fmt::join(part->added, ", "));
    }
    from = std::move(part->model);
    return true;
}

/// What writes nothing.
int tell_beforehand(const generate_arguments& with, const generation::model& model) {
    if (with.preview) {
        const generation::pattern_library patterns(with.patterns);
        const auto told = preview_of(model, patterns, composition_of(with));
        std::cout << (with.as_json ? events::json::to_json(told) + "\n" : to_string(told));
    }
    if (with.estimate) {
        const auto told = generation::estimate(model);
        std::cout << (with.as_json ? events::json::to_json(told) + "\n" : to_string(told));
    }
    return 0;
}

void tell_lacks(const std::vector<generation::lack>& lacks) {
    for (const auto& each : lacks) {
        std::cerr << "not ready for production, " << each.option << ": " << each.why << '\n';
    }
}

}  // namespace

int run_generate(const generate_arguments& with) {
    const bool writes = !with.preview && !with.estimate;
    if (writes == with.out.empty()) {
        std::cerr << "teamflow: name either a directory (--out), or --preview or --estimate\n";
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    auto model = model_of(with.model);
    if (!model || !select(*model, with)) {
        return 1;
    }
    if (!writes) {
        return tell_beforehand(with, *model);
    }
    const generation::pattern_library patterns(with.patterns);
    if (with.merge && std::filesystem::exists(with.out) && !std::filesystem::is_empty(with.out)) {
        const bool as_before = !with.minimal && with.without.empty();
        const auto how = as_before ? std::nullopt : std::optional(composition_of(with));
        return run_regenerate(*model, patterns, how, with.out, with.as_json);
    }
    generation::output_directory out(with.out, with.force);
    const generation::composition how = composition_of(with);
    const generation::take_file write = [&](const generation::generated_file& file) {
        out.write(file);
        return true;
    };
    generation::compose(*model, patterns, write, how);
    out.commit();
    const auto lacks = generation::lacks_of(patterns, generation::options_of(*model, how));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    if (with.as_json) {
        std::string told;
        events::json::write(told, lacks);
        std::cout << fmt::format(
            R"({{"files":{},"bytes":{},"milliseconds":{:.1f},"lacks":{}}})"
            "\n",
            out.files(),
            out.bytes(),
            took.count(),
            told
        );
    } else {
        std::cerr << fmt::format(
            "{} files, {} bytes in {:.0f} ms: {}\n",
            out.files(),
            out.bytes(),
            took.count(),
            with.out.string()
        );
        tell_lacks(lacks);
    }
    return 0;
}

}  // namespace teamflow::app
