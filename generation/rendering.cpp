#include <algorithm>
#include <stdexcept>
#include <utility>

#include <kainjow/mustache.hpp>

#include <boost/json/value.hpp>

#include "generation/pattern.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
namespace mustache = kainjow::mustache;

mustache::data data_of(const bj::value& from) {
    if (const auto* const object = from.if_object()) {
        mustache::data made{mustache::data::type::object};
        for (const auto& member : *object) {
            made.set(std::string(member.key()), data_of(member.value()));
        }
        return made;
    }
    if (const auto* const array = from.if_array()) {
        mustache::data made{mustache::data::type::list};
        for (const auto& each : *array) {
            made.push_back(data_of(each));
        }
        return made;
    }
    if (const auto* const flag = from.if_bool()) {
        return mustache::data{*flag};
    }
    return mustache::data{std::string(from.as_string())};
}

/// Stands for the end of an empty line while a text is rendered: Kainjow takes an empty line after
/// a section for the section's own.
constexpr char empty_line = '\x01';

bool is_standalone(std::string_view line, std::string_view open, std::string_view close) {
    if (!line.starts_with(open) || !line.ends_with(close) ||
        line.size() <= open.size() + close.size()) {
        return false;
    }
    const std::string_view tag = line.substr(open.size(), line.size() - open.size() - close.size());
    return std::string_view("#^/!=").contains(tag.front()) && !tag.contains(open);
}

/// Lines that hold a section's tag alone lose their line feed here, as Mustache has it: Kainjow
/// forgets it where a section is left out.
std::string without_standalone_lines(std::string_view text) {
    std::string made;
    std::string open = "{{";
    std::string close = "}}";
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const bool has_feed = end < text.size();
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto first = line.find_first_not_of(' ');
        const std::string_view tag = first == std::string_view::npos ? "" : line.substr(first);
        if (line.empty()) {
            made += empty_line;
        } else if (is_standalone(tag, open, close)) {
            made += tag;
            if (tag[open.size()] == '=') {
                const auto blank = tag.find(' ');
                const std::string next_open(tag.substr(open.size() + 1, blank - open.size() - 1));
                close = tag.substr(blank + 1, tag.size() - close.size() - blank - 2);
                open = next_open;
            }
            continue;
        } else {
            made += line;
        }
        made += has_feed ? "\n" : "";
    }
    return made;
}

/// A placeholder that nothing is known about is an error of the pattern, not an empty text.
class strict_context : public mustache::context<std::string> {
public:
    using context::context;

    const mustache::data* get(const std::string& name) const override {
        const auto* const found = context::get(name);
        if (found == nullptr) {
            throw std::runtime_error("nothing is known about the placeholder `" + name + "`");
        }
        return found;
    }
};

/// Two braces are for names: what could end a string or a statement never gets here.
std::string plain_name(const std::string& text) {
    const bool plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/ ,").contains(c);
    });
    if (!plain) {
        throw std::runtime_error("`" + text + "` is no name: it needs an encoder and three braces");
    }
    return text;
}

}  // namespace

struct rendering::parsed {
    mutable mustache::mustache text;
};

struct view_data::values {
    mustache::data data;
};

view_data::view_data(const bj::object& from)
    : values_(std::make_unique<values>(data_of(bj::value(from)))) {}

view_data::view_data(view_data&&) noexcept = default;
view_data::~view_data() = default;

rendering::rendering(const std::string& text)
    : parsed_(std::make_unique<parsed>(mustache::mustache(without_standalone_lines(text)))) {
    if (!parsed_->text.is_valid()) {
        throw std::runtime_error(parsed_->text.error_message());
    }
    parsed_->text.set_custom_escape(plain_name);
}

rendering::rendering(rendering&&) noexcept = default;
rendering::~rendering() = default;

std::string rendering::fill(const view_data& inner, const view_data& outer) const {
    strict_context context(&outer.get().data);
    if (&inner != &outer) {
        context.push(&inner.get().data);
    }
    std::string made = parsed_->text.render(context);
    std::erase(made, empty_line);
    return made;
}

}  // namespace teamflow::generation
