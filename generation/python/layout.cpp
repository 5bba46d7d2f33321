#include "generation/python/layout.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "generation/python/literal.hpp"

namespace teamflow::generation::python {

namespace {

constexpr std::array<std::string_view, 12> standard_library{
    "collections",
    "datetime",
    "decimal",
    "enum",
    "http",
    "os",
    "pathlib",
    "time",
    "typing",
    "unittest",
    "uuid",
    "asyncio"
};
constexpr std::array<std::string_view, 3> own{"src", "tests", "alembic"};

std::string_view top(std::string_view module) {
    return module.substr(0, module.find('.'));
}

/// 0 the standard library, 1 what is installed, 2 the application.
std::size_t group_of(std::string_view module) {
    if (std::ranges::find(standard_library, top(module)) != standard_library.end()) {
        return 0;
    }
    return std::ranges::find(own, top(module)) == own.end() ? 1 : 2;
}

/// Constants before classes before the rest.
auto order_of(const std::string& name) {
    const bool has_lower = std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    const bool capital = name[0] >= 'A' && name[0] <= 'Z';
    return std::tuple(has_lower || name.size() == 1 ? (capital ? 1 : 2) : 0, name);
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& each : parts) {
        text += (text.empty() ? "" : ", ") + each;
    }
    return text;
}

std::string one_a_line(
    std::size_t indent,
    std::string_view before,
    const std::vector<std::string>& items,
    std::string_view after
) {
    const std::string blanks(indent, ' ');
    std::string text = blanks + std::string(before) + "\n";
    for (const auto& each : items) {
        text += fmt::format("{}    {},\n", blanks, each);
    }
    return text + blanks + std::string(after);
}

}  // namespace

std::string enclose(
    std::size_t indent,
    std::string_view before,
    const std::vector<std::string>& arguments,
    std::string_view after
) {
    const std::string blanks(indent, ' ');
    const std::string inner(indent + 4, ' ');
    const std::string all = joined(arguments);
    if (indent + before.size() + all.size() + after.size() <= columns) {
        return blanks + std::string(before) + all + std::string(after);
    }
    if (inner.size() + all.size() <= columns) {
        return blanks + std::string(before) + "\n" + inner + all + "\n" + blanks +
               std::string(after);
    }
    return one_a_line(indent, before, arguments, after);
}

std::string enclose_items(
    std::size_t indent,
    std::string_view before,
    const std::vector<std::string>& items,
    std::string_view after
) {
    const std::string all = joined(items);
    if (indent + before.size() + all.size() + after.size() <= columns) {
        return std::string(indent, ' ') + std::string(before) + all + std::string(after);
    }
    return one_a_line(indent, before, items, after);
}

std::string enclose_text(
    std::size_t indent, std::string_view before, std::string_view text, std::string_view after
) {
    const std::string blanks(indent, ' ');
    const std::string whole = string(text);
    if (indent + before.size() + whole.size() + after.size() <= columns) {
        return blanks + std::string(before) + whole + std::string(after);
    }
    std::string made = blanks + std::string(before) + "(\n";
    for (const auto& each : pieces(text, columns - indent - 4)) {
        made += fmt::format("{}    {}\n", blanks, each);
    }
    return made + blanks + ")" + std::string(after);
}

void imports::add(const std::string& module, const std::string& name) {
    names_[module].insert(name);
}

void imports::add_module(const std::string& module, const std::string& alias) {
    modules_[module] = alias;
}

std::string imports::text() const {
    std::array<std::string, 3> groups;
    for (const auto& [module, alias] : modules_) {
        groups[group_of(module)] +=
            "import " + module + (alias.empty() ? "" : " as " + alias) + "\n";
    }
    for (const auto& [module, names] : names_) {
        std::vector<std::string> sorted(names.begin(), names.end());
        std::ranges::sort(sorted, {}, order_of);
        std::string& group = groups[group_of(module)];
        const std::string line = "from " + module + " import " + joined(sorted);
        if (line.size() <= columns) {
            group += line + "\n";
            continue;
        }
        group += "from " + module + " import (\n";
        for (const auto& each : sorted) {
            group += "    " + each + ",\n";
        }
        group += ")\n";
    }
    std::string text;
    for (const auto& group : groups) {
        text += (text.empty() || group.empty() ? "" : "\n") + group;
    }
    if (!text.empty()) {
        text.pop_back();
    }
    return text;
}

}  // namespace teamflow::generation::python
