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
    : parsed_(std::make_unique<parsed>(mustache::mustache(text))) {
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
    return parsed_->text.render(context);
}

}  // namespace teamflow::generation
