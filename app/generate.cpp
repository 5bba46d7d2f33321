#include "app/generate.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>

#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "generation/compose.hpp"
#include "generation/model/near.hpp"
#include "generation/model/read_model.hpp"
#include "generation/output.hpp"
#include "generation/readiness.hpp"

namespace teamflow::app {

namespace {

namespace fs = std::filesystem;

struct model_text {
    std::string text;
    generation::source_format format = generation::source_format::yaml;
};

model_text text_of(const std::string& model) {
    const fs::path path(model);
    if (!fs::exists(path)) {
        if (const auto built_in = generation::domain_source(model); !built_in.empty()) {
            return {std::string(built_in)};
        }
        const auto names = generation::domain_names();
        throw std::runtime_error(
            "there is no file and no built-in domain `" + model + "`" +
            generation::suggestion(model, names)
        );
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(generation::max_source_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!fs::is_regular_file(path) || file.bad() || !file.is_open()) {
        throw std::runtime_error("cannot read " + path.string());
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    const bool is_json = path.extension() == ".json";
    return {
        std::move(text), is_json ? generation::source_format::json : generation::source_format::yaml
    };
}

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

void tell_lacks(const std::vector<generation::lack>& lacks) {
    for (const auto& each : lacks) {
        std::cerr << "not ready for production, " << each.option << ": " << each.why << '\n';
    }
}

}  // namespace

int run_generate(const generate_arguments& with) {
    const auto began = std::chrono::steady_clock::now();
    const auto from = text_of(with.model);
    const auto model = generation::read_model(from.text, from.format);
    if (!model) {
        for (const auto& fault : model.error()) {
            std::cerr << "teamflow: " << with.model << ": " << to_string(fault) << '\n';
        }
        return 1;
    }
    const generation::pattern_library patterns(with.patterns);
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
