#include "generation/pattern.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <tuple>

#include <boost/describe/class.hpp>

#include "events/json/read.hpp"
#include "generation/embedded_files.hpp"
#include "generation/model/source.hpp"

namespace teamflow::generation {

namespace {

constexpr std::string_view fence = "---\n";

struct manifest {
    std::string name;
    int version = 0;
    generation::category category = category::core_config;
    generation::layer layer = layer::core;
    std::string summary;
    std::optional<scope> each;
    std::optional<std::string> path;
    std::optional<std::vector<std::string>> paths;
    std::optional<std::vector<std::string>> requirements;
    std::optional<std::vector<option>> options;
    std::optional<bool> executable;
};
BOOST_DESCRIBE_STRUCT(
    manifest,
    (),
    (name, version, category, layer, summary, each, path, paths, requirements, options, executable)
)

[[noreturn]] void refuse(std::string_view file, const std::string& why) {
    throw std::runtime_error("pattern " + std::string(file) + ": " + why);
}

manifest read_manifest(std::string_view file, std::string_view text) {
    auto document = parse_source(text, source_format::yaml);
    if (!document) {
        refuse(file, to_string(document.error()));
    }
    auto made = events::json::read<manifest>(document->value);
    if (!made) {
        refuse(file, made.error().front().field + " " + made.error().front().message);
    }
    return std::move(*made);
}

pattern parse_pattern(std::string_view file, std::string_view text) {
    const auto end = text.find(fence, fence.size());
    if (!text.starts_with(fence) || end == std::string_view::npos) {
        refuse(file, "must begin with its manifest between two lines `---`");
    }
    manifest what = read_manifest(file, text.substr(fence.size(), end - fence.size()));
    pattern made;
    made.name = std::move(what.name);
    made.version = what.version;
    made.category = what.category;
    made.layer = what.layer;
    made.summary = std::move(what.summary);
    made.each = what.each.value_or(scope::app);
    made.paths = std::move(what.paths).value_or(std::vector<std::string>{});
    if (what.path) {
        made.paths.push_back(std::move(*what.path));
    }
    if (made.paths.empty()) {
        refuse(file, "needs a path");
    }
    made.requires_ = std::move(what.requirements).value_or(std::vector<std::string>{});
    made.options = std::move(what.options).value_or(std::vector<option>{});
    made.executable = what.executable.value_or(false);
    made.text = text.substr(end + fence.size());
    return made;
}

/// Names in tags, for any delimiters that the text sets.
void collect_placeholders(std::string_view text, std::set<std::string>& into) {
    std::string open = "{{";
    std::string close = "}}";
    for (auto at = text.find(open); at != std::string_view::npos; at = text.find(open, at)) {
        const auto begin = at + open.size();
        const auto end = text.find(close, begin);
        if (end == std::string_view::npos) {
            return;
        }
        std::string_view tag = text.substr(begin, end - begin);
        at = end + close.size();
        if (tag.starts_with('=') && tag.ends_with('=')) {
            tag = tag.substr(1, tag.size() - 2);
            const auto blank = tag.find(' ');
            open = tag.substr(0, blank);
            close = tag.substr(blank + 1);
            continue;
        }
        while (!tag.empty() && std::string_view("{#^/&").contains(tag.front())) {
            tag.remove_prefix(1);
        }
        if (tag != ".") {
            into.emplace(tag);
        }
    }
}

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return text;
}

}  // namespace

std::vector<std::string> pattern::placeholders() const {
    std::set<std::string> names;
    collect_placeholders(text, names);
    for (const auto& path : paths) {
        collect_placeholders(path, names);
    }
    return {names.begin(), names.end()};
}

pattern_library::pattern_library(const std::optional<std::filesystem::path>& directory) {
    for (const auto& file : pattern_files::files()) {
        add(file.path, file.content);
    }
    if (directory) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(*directory)) {
            if (entry.path().extension() == ".pattern") {
                add(entry.path().string(), contents_of(entry.path()));
            }
        }
    }
    std::ranges::sort(patterns_, [](const pattern& left, const pattern& right) {
        return std::tie(left.layer, left.name) < std::tie(right.layer, right.name);
    });
    for (const auto& each : patterns_) {
        for (const auto& wanted : each.requires_) {
            if (find(wanted) == nullptr) {
                refuse(each.name, "requires `" + wanted + "`, which is not there");
            }
        }
    }
}

const pattern* pattern_library::find(std::string_view name) const {
    const auto found = std::ranges::find(patterns_, name, &pattern::name);
    return found == patterns_.end() ? nullptr : &*found;
}

void pattern_library::add(std::string_view path, std::string_view file) {
    pattern made = parse_pattern(path, file);
    const auto known = std::ranges::find(patterns_, made.name, &pattern::name);
    if (known == patterns_.end()) {
        patterns_.push_back(std::move(made));
    } else {
        *known = std::move(made);
    }
}

}  // namespace teamflow::generation
