#include "events/json/typescript.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace teamflow::events::json {

namespace {

namespace bj = boost::json;

std::string_view text_of(const bj::value& value) {
    return std::string_view(value.as_string());
}

std::string join(const bj::array& parts, auto&& expression) {
    std::string all;
    for (const auto& part : parts) {
        all += all.empty() ? "" : " | ";
        all += expression(part);
    }
    return all;
}

bool is_required(const bj::object& schema, std::string_view name) {
    const auto* const required = schema.if_contains("required");
    return required != nullptr && std::ranges::any_of(required->as_array(), [&](const auto& each) {
               return text_of(each) == name;
           });
}

std::string members_of_type(
    const bj::object& schema, std::string_view before, std::string_view after
) {
    std::string text;
    for (const auto& member : schema.at("properties").as_object()) {
        text += before;
        text += member.key();
        text += is_required(schema, member.key()) ? ": " : "?: ";
        text += to_type_expression(member.value());
        text += after;
    }
    return text;
}

std::string array_type(const bj::object& schema) {
    const std::string element = to_type_expression(schema.at("items"));
    const bool is_union = element.find(" | ") != std::string::npos && !element.starts_with('{');
    return is_union ? "(" + element + ")[]" : element + "[]";
}

std::string object_type(const bj::object& schema) {
    if (schema.contains("properties")) {
        return "{ " + members_of_type(schema, "", "; ") + "}";
    }
    const auto* const others = schema.if_contains("additionalProperties");
    return "Record<string, " + (others == nullptr ? "unknown" : to_type_expression(*others)) + ">";
}

std::string named_type(std::string_view type, const bj::object& schema) {
    if (type == "integer") {
        return "number";
    }
    if (type == "array") {
        return array_type(schema);
    }
    return type == "object" ? object_type(schema) : std::string(type);
}

std::string comment_of(const bj::object& schema) {
    const auto* const description = schema.if_contains("description");
    if (description == nullptr) {
        return {};
    }
    return "/** " + std::string(text_of(*description)) + " */\n";
}

}  // namespace

std::string to_type_name(std::string_view name) {
    std::string type;
    bool capital = true;
    for (const char c : name) {
        if (c == '_' || c == '.') {
            capital = true;
            continue;
        }
        type += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        capital = false;
    }
    return type;
}

std::string to_type_expression(const bj::value& value) {
    const auto& schema = value.as_object();
    if (const auto* reference = schema.if_contains("$ref")) {
        const auto path = text_of(*reference);
        return to_type_name(path.substr(path.rfind('/') + 1));
    }
    if (const auto* choices = schema.if_contains("anyOf")) {
        return join(choices->as_array(), to_type_expression);
    }
    if (const auto* values = schema.if_contains("enum")) {
        return join(values->as_array(), [](const bj::value& each) { return bj::serialize(each); });
    }
    const auto* const type = schema.if_contains("type");
    if (type == nullptr) {
        return "unknown";
    }
    if (const auto* types = type->if_array()) {
        return join(*types, [&](const bj::value& each) {
            return named_type(text_of(each), schema);
        });
    }
    return named_type(text_of(*type), schema);
}

std::string to_typescript(std::string_view name, const bj::object& schema) {
    const std::string type = to_type_name(name);
    if (schema.contains("properties")) {
        return comment_of(schema) + "export interface " + type + " {\n" +
               members_of_type(schema, "  ", ";\n") + "}\n";
    }
    return comment_of(schema) + "export type " + type + " = " + to_type_expression(schema) + ";\n";
}

}  // namespace teamflow::events::json
