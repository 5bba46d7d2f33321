#include "app/generate.hpp"

#include <chrono>
#include <iostream>

#include <fmt/format.h>

#include "app/model_input.hpp"
#include "app/regenerate.hpp"
#include "events/json/write.hpp"
#include "generation/compose.hpp"
#include "generation/estimate.hpp"
#include "generation/output.hpp"
#include "generation/preview.hpp"

namespace teamflow::app {

namespace {

/// What writes nothing.
int tell_beforehand(const generate_arguments& with, const generation::model& model) {
    if (with.preview) {
        const auto told = preview_of(model, generation::pattern_library(with.patterns));
        std::cout << (with.as_json ? events::json::to_json(told) + "\n" : to_string(told));
    }
    if (with.estimate) {
        const auto told = generation::estimate(model);
        std::cout << (with.as_json ? events::json::to_json(told) + "\n" : to_string(told));
    }
    return 0;
}

}  // namespace

int run_generate(const generate_arguments& with) {
    const bool writes = !with.preview && !with.estimate;
    if (writes == with.out.empty()) {
        std::cerr << "teamflow: name either a directory (--out), or --preview or --estimate\n";
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto model = model_of(with.model);
    if (!model) {
        return 1;
    }
    if (!writes) {
        return tell_beforehand(with, *model);
    }
    const generation::pattern_library patterns(with.patterns);
    if (with.merge && std::filesystem::exists(with.out) && !std::filesystem::is_empty(with.out)) {
        return run_regenerate(*model, patterns, with.out, with.as_json);
    }
    generation::output_directory out(with.out, with.force);
    generation::compose(*model, patterns, [&](const generation::generated_file& file) {
        out.write(file);
        return true;
    });
    out.commit();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    if (with.as_json) {
        std::cout << fmt::format(
            R"({{"files":{},"bytes":{},"milliseconds":{:.1f}}})"
            "\n",
            out.files(),
            out.bytes(),
            took.count()
        );
    } else {
        std::cerr << fmt::format(
            "{} files, {} bytes in {:.0f} ms: {}\n",
            out.files(),
            out.bytes(),
            took.count(),
            with.out.string()
        );
    }
    return 0;
}

}  // namespace teamflow::app
