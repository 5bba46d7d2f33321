#include "generation/regeneration/last_generation.hpp"

#include <utility>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"

namespace teamflow::generation {

namespace {

faults refusal(std::string_view path, std::string code, std::string message) {
    return {{std::string(path), std::move(code), std::move(message), 0}};
}

}  // namespace

bool last_generation::wrote(const std::string& path, std::string_view text) const {
    const auto known = hashes.find(path);
    return known != hashes.end() && known->second == sha256(text);
}

std::expected<last_generation, faults> read_last(const read_file& read) {
    const auto manifest_text = read(manifest_path);
    const auto model_text = read(model_path);
    if (!manifest_text || !model_text) {
        return std::unexpected(
            refusal(manifest_path, "missing", "is not there: this was not generated")
        );
    }
    last_generation made;
    const auto manifest = events::json::parse(*manifest_text);
    const auto* const object = manifest ? manifest->if_object() : nullptr;
    const auto* const files = object == nullptr ? nullptr : object->if_contains("files");
    if (files == nullptr || !files->is_object()) {
        return std::unexpected(
            refusal(manifest_path, "not_allowed", "is no manifest: restore what was generated")
        );
    }
    made.manifest = *object;
    if (const auto* const how = object->if_contains("composition")) {
        auto known = events::json::read<composition>(*how, events::json::unknown_members::ignore);
        made.how = known ? *known : composition{};
    }
    for (const auto& file : files->get_object()) {
        const auto* const entry = file.value().if_object();
        const auto* const sum = entry == nullptr ? nullptr : entry->if_contains("sha256");
        if (sum != nullptr && sum->is_string()) {
            made.hashes[std::string(file.key())] = std::string(sum->get_string());
        }
    }
    const auto expected = made.hashes.find(std::string(model_path));
    if (expected == made.hashes.end() || expected->second != sha256(*model_text)) {
        return std::unexpected(refusal(
            model_path,
            "not_allowed",
            "is not what was generated: restore it, and give the new model apart"
        ));
    }
    auto model = read_model(*model_text, source_format::json);
    if (!model) {
        return std::unexpected(std::move(model.error()));
    }
    made.model = std::move(*model);
    return made;
}

}  // namespace teamflow::generation
