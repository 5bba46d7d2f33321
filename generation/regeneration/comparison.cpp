#include "generation/regeneration/comparison.hpp"

#include <map>
#include <utility>

#include "generation/compose.hpp"
#include "generation/regeneration/file_merge.hpp"

namespace teamflow::generation {

namespace {

constexpr std::string_view own_files = ".generator/";

std::string origin_of(const last_generation& last, const std::string& path) {
    const auto& entry = last.manifest.at("files").as_object().at(path).as_object();
    const auto* const origin = entry.if_contains("origin");
    return origin != nullptr && origin->is_string() ? std::string(origin->get_string()) : "";
}

file_state state_of(
    const last_generation& last,
    const std::string& path,
    const std::string& file,
    const std::string& pattern
) {
    if (file == pattern) {
        return file_state::same;
    }
    if (last.wrote(path, file)) {
        return file_state::outdated;
    }
    return last.wrote(path, pattern) ? file_state::edited : file_state::both;
}

}  // namespace

std::expected<std::vector<compared_file>, faults> compare_with_patterns(
    const pattern_library& patterns, const read_file& read
) {
    const auto last = read_last(read);
    if (!last) {
        return std::unexpected(last.error());
    }
    std::map<std::string, std::string> given;
    for (auto& file : compose(last->model, patterns, last->how)) {
        given[file.path] = std::move(file.content);
    }
    std::vector<compared_file> all;
    for (const auto& [path, sum] : last->hashes) {
        if (path.starts_with(own_files)) {
            continue;
        }
        compared_file made{.path = path, .origin = origin_of(*last, path), .diff = {}};
        const auto file = read(path);
        const auto pattern = given.find(path);
        if (!file) {
            made.state = file_state::missing;
        } else if (pattern == given.end()) {
            made.state = file_state::no_pattern;
        } else if (made.state = state_of(*last, path, *file, pattern->second);
                   made.state != file_state::same) {
            auto difference = difference_of(path, pattern->second, *file);
            made.added = difference.added;
            made.removed = difference.removed;
            made.diff = std::move(difference.text);
        }
        all.push_back(std::move(made));
    }
    return all;
}

}  // namespace teamflow::generation
