#include "app/model_input.hpp"

#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "generation/compose.hpp"
#include "generation/exchange/exchange.hpp"
#include "generation/model/near.hpp"
#include "generation/model/read_model.hpp"

namespace teamflow::app {

namespace {

namespace fs = std::filesystem;

/// The text of a file, or of a built-in domain.
std::string text_of(const std::string& model) {
    const fs::path path(model);
    if (!fs::exists(path)) {
        if (const auto built_in = generation::domain_source(model); !built_in.empty()) {
            return std::string(built_in);
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
    return text;
}

void tell(const std::string& name, const generation::faults& faults, const char* kind) {
    for (const auto& fault : faults) {
        std::cerr << "teamflow: " << name << ": " << kind << to_string(fault) << '\n';
    }
}

/// What other languages say, as a model's document; what they say besides is told.
std::expected<generation::model, generation::faults> read_imported(
    const std::string& name, std::expected<generation::imported, generation::faults> made
) {
    if (!made) {
        return std::unexpected(std::move(made.error()));
    }
    tell(name, made->notes, "note: ");
    return generation::read_model(made->document);
}

std::expected<generation::model, generation::faults> read(
    const std::string& name, const std::string& text
) {
    const fs::path path(name);
    const std::string stem = path.stem().string();
    if (path.extension() == ".sql") {
        return read_imported(name, generation::import_sql(text, stem));
    }
    if (path.extension() == ".dbml") {
        return read_imported(name, generation::import_dbml(text, stem));
    }
    if (path.extension() == ".jdl") {
        return read_imported(name, generation::import_jdl(text, stem));
    }
    const bool is_json = path.extension() == ".json";
    const auto from = generation::parse_source(
        text, is_json ? generation::source_format::json : generation::source_format::yaml
    );
    if (!from) {
        return std::unexpected(generation::faults{from.error()});
    }
    if (generation::is_schema(*from)) {
        return read_imported(name, generation::import_schema(*from, stem));
    }
    return generation::read_model(*from);
}

}  // namespace

std::optional<generation::model> model_of(const std::string& name) {
    auto model = read(name, text_of(name));
    if (!model) {
        tell(name, model.error(), "");
        return std::nullopt;
    }
    return std::move(*model);
}

}  // namespace teamflow::app
