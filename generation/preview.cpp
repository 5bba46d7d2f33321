#include "generation/preview.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace teamflow::generation {

preview preview_of(const model& of, const pattern_library& patterns, const composition& how) {
    preview made;
    made.groups.push_back({});
    for (const auto& each : of.entities) {
        made.groups.push_back({each.name, {}});
    }
    const take_file count = [&](const generated_file& file) {
        const auto lines = static_cast<std::size_t>(std::ranges::count(file.content, '\n'));
        auto& group = *std::ranges::find(made.groups, file.entity, &previewed_group::entity);
        group.files.push_back({file.path, file.origin, file.content.size(), lines});
        made.files += 1;
        made.bytes += file.content.size();
        made.lines += lines;
        return true;
    };
    compose(of, patterns, count, how);
    for (auto& group : made.groups) {
        std::ranges::sort(group.files, {}, &previewed_file::path);
    }
    return made;
}

std::string to_string(const preview& of) {
    std::string text = fmt::format("{} files, {} lines, {} bytes\n", of.files, of.lines, of.bytes);
    for (const auto& group : of.groups) {
        text += fmt::format(
            "\n{} ({} files)\n",
            group.entity.empty() ? "the application" : group.entity,
            group.files.size()
        );
        for (const auto& file : group.files) {
            text += fmt::format(
                "  {:<52} {:>5} lines {:>7} bytes\n", file.path, file.lines, file.bytes
            );
        }
    }
    return text;
}

}  // namespace teamflow::generation
