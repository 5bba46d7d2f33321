#include "generation/exchange/schema_reader.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

#include <boost/json/string.hpp>

#include "generation/model/near.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

constexpr std::size_t max_parts = 100;

/// Keywords that limit values in ways that no model has words for.
constexpr std::array<std::string_view, 18> unread_limits{
    "additionalItems",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "maxProperties",
    "minContains",
    "minProperties",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
};

/// Keywords that are read, and those that limit nothing.
constexpr std::array<std::string_view, 48> other_keywords{
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "id",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
};

/// std::ranges::contains, which this library has not.
template <class Range, class Value, class Projection = std::identity>
bool has(const Range& all, const Value& wanted, Projection of = {}) {
    return std::ranges::find(all, wanted, of) != std::ranges::end(all);
}

auto has_type(std::string_view wanted) {
    return [wanted](const bj::value& schema) {
        const auto* const object = schema.if_object();
        const auto* const type = object == nullptr ? nullptr : object->if_contains("type");
        return type != nullptr && type->is_string() && type->get_string() == wanted;
    };
}

bool is_null_schema(const bj::value& schema) {
    return has_type("null")(schema);
}

bool allows_null(const bj::value& type) {
    const auto* const names = type.if_array();
    return type == "null" || (names != nullptr && has(*names, bj::value("null")));
}

bool is_value_list(const bj::value& schema) {
    const auto* const object = schema.if_object();
    return object != nullptr && (object->contains("const") || object->contains("enum"));
}

/// `#/components/schemas/Pet` to `components.schemas.Pet`.
std::string dotted(std::string_view pointer) {
    std::string path;
    for (std::size_t i = 1; i < pointer.size(); ++i) {
        const std::string_view rest = pointer.substr(i);
        if (rest.starts_with("~1") || rest.starts_with("~0")) {
            path += rest[1] == '1' ? '/' : '~';
            ++i;
        } else {
            path += rest.front() == '/' ? '.' : rest.front();
        }
    }
    return path;
}

}  // namespace

std::string joined_path(std::string_view outer, std::string_view inner) {
    std::string whole(outer);
    whole += whole.empty() ? "" : ".";
    return whole += inner;
}

std::optional<schema_view> schema_reader::view(const std::vector<schema_place>& schemas) {
    schema_view made;
    const bool alone = schemas.size() == 1;
    if (!std::ranges::all_of(schemas, [&](const auto& each) { return add(made, each, alone); })) {
        return std::nullopt;
    }
    return made;
}

bool schema_reader::add(schema_view& into, const schema_place& schema, bool alone) {
    if (const auto* const all = schema.value->if_bool(); all != nullptr && *all) {
        return true;
    }
    if (!schema.value->is_object()) {
        refuse(schema.path, "wrong_type", "must be a schema: an object");
        return false;
    }
    if (has(open_, schema.value)) {
        refuse(schema.path, "cycle", "refers to itself");
        return false;
    }
    if (has(into.parts, schema.value, &schema_place::value)) {
        return true;
    }
    if (into.parts.size() == max_parts) {
        refuse(
            schema.path,
            "too_large",
            "more than " + std::to_string(max_parts) + " schemas hold for one value"
        );
        return false;
    }
    into.parts.push_back(schema);
    tell_unread(schema);
    const schema_view own{{schema}, {}};
    const auto* const type = find(own, "type").value;
    into.nullable =
        into.nullable || flag(own, "nullable") || (type != nullptr && allows_null(*type));
    const schema_place all = find(own, "allOf");
    const auto* const parts = list(all);
    const bool nothing_more = alone && !find(own, "properties").value;
    open_.push_back(schema.value);
    bool fine = add_reference(into, find(own, "$ref"), nothing_more && parts == nullptr) &&
                add_choices(into, schema, nothing_more);
    for (std::size_t i = 0; fine && parts != nullptr && i < parts->size(); ++i) {
        const bool single = nothing_more && parts->size() == 1;
        fine = add(into, {&(*parts)[i], joined_path(all.path, std::to_string(i))}, single);
    }
    open_.pop_back();
    return fine;
}

bool schema_reader::add_reference(schema_view& into, const schema_place& reference, bool alone) {
    if (reference.value == nullptr) {
        return true;
    }
    const auto* const pointer = reference.value->if_string();
    if (pointer == nullptr || !pointer->starts_with('#')) {
        refuse(
            reference.path,
            "unknown_reference",
            "must be `#/` and a path: only schemas of the same document are read"
        );
        return false;
    }
    boost::system::error_code failure;
    const std::string_view way = std::string_view(*pointer).substr(1);
    const auto* const target = from_.value.find_pointer(way, failure);
    if (target == nullptr) {
        refuse(
            reference.path,
            "unknown_reference",
            "there is no schema at `" + std::string(*pointer) + "`"
        );
        return false;
    }
    if (alone) {
        into.targets.push_back(target);
    }
    return add(into, {target, dotted(way)}, alone);
}

bool schema_reader::add_choices(schema_view& into, const schema_place& schema, bool alone) {
    for (const std::string_view keyword : {"anyOf", "oneOf"}) {
        const schema_place found = find({{schema}, {}}, keyword);
        const auto* const choices = list(found);
        if (choices == nullptr) {
            continue;
        }
        const auto nulls = std::ranges::count_if(*choices, is_null_schema);
        into.nullable = into.nullable || nulls > 0;
        const auto others = choices->size() - static_cast<std::size_t>(nulls);
        const bj::value* only = nullptr;
        if (others == 1) {
            only = std::ranges::find_if_not(*choices, is_null_schema);
        } else if (others == 2 && std::ranges::any_of(*choices, has_type("string"))) {
            const auto* const number = std::ranges::find_if(*choices, has_type("number"));
            only = number == choices->end() ? nullptr : number;
            into.is_decimal = into.is_decimal || only != nullptr;
        }
        if (only != nullptr) {
            const std::string place = std::to_string(only - choices->begin());
            if (!add(into, {only, joined_path(found.path, place)}, alone)) {
                return false;
            }
        } else if (!std::ranges::all_of(*choices, [](const bj::value& each) {
                       return is_null_schema(each) || is_value_list(each);
                   })) {
            into.is_choice = true;
        }
    }
    return true;
}

/// Whatever a schema says that the importer has no use for, once.
void schema_reader::tell_unread(const schema_place& schema) {
    if (!told_.insert(schema.value).second) {
        return;
    }
    for (const auto& member : schema.value->get_object()) {
        const std::string_view key = member.key();
        if (has(unread_limits, key)) {
            note(joined_path(schema.path, key), "is left out");
        } else if (!has(other_keywords, key) && !key.starts_with("x-")) {
            note(
                joined_path(schema.path, key),
                "is no keyword, and left out" + suggestion(key, other_keywords)
            );
        }
    }
}

schema_place schema_reader::find(const schema_view& in, std::string_view keyword) {
    for (const auto& part : in.parts) {
        if (const auto* const value = part.value->get_object().if_contains(keyword)) {
            return {value, joined_path(part.path, keyword)};
        }
    }
    return {};
}

std::optional<std::string> schema_reader::text(const schema_view& in, std::string_view keyword) {
    const schema_place found = find(in, keyword);
    if (found.value == nullptr) {
        return std::nullopt;
    }
    if (const auto* const text = found.value->if_string()) {
        return std::string(*text);
    }
    refuse(found.path, "wrong_type", "must be a text");
    return std::nullopt;
}

std::optional<double> schema_reader::number(const schema_view& in, std::string_view keyword) {
    const schema_place found = find(in, keyword);
    if (found.value == nullptr) {
        return std::nullopt;
    }
    if (found.value->is_number()) {
        return found.value->to_number<double>();
    }
    refuse(found.path, "wrong_type", "must be a number");
    return std::nullopt;
}

bool schema_reader::flag(const schema_view& in, std::string_view keyword) {
    const schema_place found = find(in, keyword);
    if (found.value == nullptr) {
        return false;
    }
    if (const auto* const value = found.value->if_bool()) {
        return *value;
    }
    refuse(found.path, "wrong_type", "must be true or false");
    return false;
}

const bj::array* schema_reader::list(const schema_place& of) {
    if (of.value == nullptr) {
        return nullptr;
    }
    const auto* const array = of.value->if_array();
    if (array == nullptr || array->empty()) {
        refuse(of.path, "wrong_type", "must be a list that is not empty");
        return nullptr;
    }
    return array;
}

const bj::object* schema_reader::object(const schema_place& of) {
    if (of.value == nullptr) {
        return nullptr;
    }
    const auto* const object = of.value->if_object();
    if (object == nullptr) {
        refuse(of.path, "wrong_type", "must be an object");
    }
    return object;
}

std::optional<std::string> schema_reader::type(const schema_view& in) {
    constexpr std::array<std::string_view, 7> known{
        "array", "boolean", "integer", "null", "number", "object", "string"
    };
    std::optional<std::string> single;
    const schema_place found = find(in, "type");
    if (found.value == nullptr) {
        return single;
    }
    const auto add_name = [&](const bj::value& each) {
        const auto* const name = each.if_string();
        if (name == nullptr || !has(known, std::string_view(*name))) {
            const std::string_view written = name == nullptr ? "" : std::string_view(*name);
            refuse(found.path, "unknown_type", "is no type" + suggestion(written, known));
        } else if (*name != "null") {
            single = std::string(*name);
        }
    };
    if (!found.value->is_array()) {
        add_name(*found.value);
        return single;
    }
    if (const auto* const names = list(found)) {
        std::ranges::for_each(*names, add_name);
        if (std::ranges::count_if(*names, [](const auto& each) { return each != "null"; }) > 1) {
            return std::nullopt;
        }
    }
    return single;
}

std::vector<std::pair<std::string, std::vector<schema_place>>> schema_reader::properties(
    const schema_view& in
) {
    std::vector<std::pair<std::string, std::vector<schema_place>>> all;
    std::map<std::string, std::size_t, std::less<>> places;
    for (const auto& part : in.parts) {
        const schema_place found = find({{part}, {}}, "properties");
        const auto* const members = object(found);
        if (members == nullptr) {
            continue;
        }
        for (const auto& member : *members) {
            const std::string name(member.key());
            const auto [at, added] = places.try_emplace(name, all.size());
            if (added) {
                all.emplace_back(name, std::vector<schema_place>{});
            }
            all[at->second].second.push_back({&member.value(), joined_path(found.path, name)});
        }
    }
    return all;
}

std::set<std::string> schema_reader::required(const schema_view& in) {
    std::set<std::string> all;
    for (const auto& part : in.parts) {
        const schema_place found = find({{part}, {}}, "required");
        if (found.value == nullptr) {
            continue;
        }
        const auto* const names = found.value->if_array();
        if (names == nullptr || !std::ranges::all_of(*names, &bj::value::is_string)) {
            refuse(found.path, "wrong_type", "must be a list of names");
            continue;
        }
        for (const auto& name : *names) {
            all.emplace(name.get_string());
        }
    }
    return all;
}

void schema_reader::note(const std::string& path, std::string message) {
    notes_.push_back({path, "note", std::move(message), from_.line_of(path)});
}

void schema_reader::refuse(const std::string& path, std::string code, std::string message) {
    refused_.push_back({path, std::move(code), std::move(message), from_.line_of(path)});
}

faults schema_reader::take_notes() {
    return in_order(std::move(notes_));
}

faults schema_reader::take_refused() {
    return in_order(std::move(refused_));
}

faults schema_reader::in_order(faults found) const {
    const auto order = [](const fault& of) { return std::tie(of.line, of.path, of.message); };
    std::ranges::sort(found, {}, order);
    found.erase(std::ranges::unique(found).begin(), found.end());
    return found;
}

}  // namespace teamflow::generation
