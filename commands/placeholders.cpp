#include "commands/placeholders.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>

#include "commands/task_limits.hpp"
#include "events/json/read.hpp"

namespace teamflow::commands {

namespace json = events::json;

namespace {

using variable_text = json::text<0, 1000>;

constexpr std::size_t name_length_max = 64;

/// Enough to mend any honest request.
constexpr std::size_t problems_max = 100;

/// One stretch of a text: literal, or the name of a placeholder.
struct piece {
    bool is_name = false;
    std::string text;
};

using pieces = std::vector<piece>;

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > name_length_max || (text[0] >= '0' && text[0] <= '9')) {
        return false;
    }
    for (const char c : text) {
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!allowed) {
            return false;
        }
    }
    return true;
}

/// The pieces of a text, or what is wrong with its braces.
std::expected<pieces, std::string> split(std::string_view text) {
    pieces found;
    std::string literal;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool doubled = i + 1 < text.size() && text[i + 1] == c;
        if (c != '{' && c != '}') {
            literal += c;
        } else if (doubled) {
            literal += c;
            ++i;
        } else if (c == '}') {
            return std::unexpected("has a } without a {; a literal brace is written }}");
        } else {
            const std::size_t end = text.find('}', i);
            const auto name = text.substr(i + 1, end == text.npos ? text.npos : end - i - 1);
            if (end == text.npos || !is_name(name)) {
                return std::unexpected(
                    "has a { that begins no {name}; a literal brace is written {{"
                );
            }
            found.push_back({false, std::exchange(literal, {})});
            found.push_back({true, std::string(name)});
            i = end;
        }
    }
    found.push_back({false, std::move(literal)});
    return found;
}

/// Calls visit(field, text) for each text of a template that may hold placeholders.
template <class Visit>
void for_each_text(const events::template_data& data, Visit visit) {
    visit("template_data.title_template", data.title_template);
    if (data.description_template) {
        visit("template_data.description_template", *data.description_template);
    }
    for (std::size_t i = 0; i < data.checklist.size(); ++i) {
        visit("template_data.checklist." + std::to_string(i), data.checklist[i]);
    }
}

std::set<std::string> names_in(const events::template_data& data) {
    std::set<std::string> names;
    for_each_text(data, [&](const std::string&, const std::string& text) {
        for (auto& [is_placeholder, name] : split(text).value_or(pieces{})) {
            if (is_placeholder) {
                names.insert(std::move(name));
            }
        }
    });
    return names;
}

/// Whether `text` fits the limits of Text; names the field in `problems` if not.
template <class Text>
void check_text(json::problems& problems, const std::string& field, const std::string& text) {
    json::reader walk(json::unknown_members::refuse);
    Text into;
    walk.within(field, [&] { walk.value(boost::json::value(text), into); });
    for (auto& fault : walk.take_faults()) {
        problems.push_back(std::move(fault));
    }
}

json::problems check_variables(
    const std::set<std::string>& names, const template_variables& given
) {
    json::problems problems;
    for (const auto& name : names) {
        if (!given.contains(name)) {
            problems.push_back(
                {"template_variables." + name, "missing_variable", "is used by the template"}
            );
        }
    }
    for (const auto& [name, value] : given) {
        if (!names.contains(name)) {
            problems.push_back(
                {"template_variables." + name, "unknown_variable", "is not used by the template"}
            );
        } else {
            check_text<variable_text>(problems, "template_variables." + name, value);
        }
    }
    problems.resize(std::min(problems.size(), problems_max));
    return problems;
}

std::string replace(const std::string& text, const template_variables& given) {
    std::string result;
    for (const auto& [is_placeholder, piece] : split(text).value_or(pieces{})) {
        result += is_placeholder ? given.at(piece) : piece;
    }
    return result;
}

}  // namespace

json::problems check_placeholders(const events::template_data& data) {
    json::problems problems;
    for_each_text(data, [&](const std::string& field, const std::string& text) {
        if (const auto parsed = split(text); !parsed) {
            problems.push_back({field, "bad_placeholder", parsed.error()});
        }
    });
    return problems;
}

std::expected<expanded_template, json::problems> expand(
    const events::template_data& data, const template_variables& given
) {
    auto problems = check_placeholders(data);
    if (problems.empty()) {
        problems = check_variables(names_in(data), given);
    }
    if (!problems.empty()) {
        return std::unexpected(std::move(problems));
    }
    expanded_template result;
    result.title = replace(data.title_template, given);
    check_text<task_title>(problems, "title", result.title);
    if (data.description_template) {
        result.description = replace(*data.description_template, given);
        check_text<task_description>(problems, "description", *result.description);
    }
    for (const auto& text : data.checklist) {
        auto& item = result.checklist.emplace_back(replace(text, given));
        check_text<checklist_text>(
            problems, "checklist." + std::to_string(result.checklist.size() - 1), item
        );
    }
    if (!problems.empty()) {
        return std::unexpected(std::move(problems));
    }
    return result;
}

}  // namespace teamflow::commands
