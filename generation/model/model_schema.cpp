#include "generation/model/model_schema.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "events/json/schema.hpp"
#include "generation/model/check_field.hpp"
#include "generation/model/check_model.hpp"
#include "generation/model/condition.hpp"
#include "generation/model/document.hpp"
#include "generation/model/names.hpp"
#include "generation/model/pattern_text.hpp"
#include "generation/model/prose.hpp"
#include "generation/model/read_model.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

/// The pattern of is_prose().
constexpr std::string_view one_line = R"(^[^\u0000-\u001f\u007f]*$)";

bj::object& property(bj::object& schema, std::string_view name) {
    return schema.at("properties").as_object().at(name).as_object();
}

void limit(bj::object& schema, std::string_view name, bj::object more) {
    bj::object& of = property(schema, name);
    for (auto& member : more) {
        of[member.key()] = std::move(member.value());
    }
}

void replace(bj::object& schema, std::string_view name, bj::object with) {
    schema.at("properties").as_object().at(name) = std::move(with);
}

bj::object name_schema(const name_rule& rule) {
    bj::object schema{
        {"type", "string"},
        {"minLength", 1},
        {"maxLength", max_name_length},
        {"pattern", rule.pattern}
    };
    bj::array refused;
    if (!rule.taken.empty()) {
        refused.emplace_back(bj::object{{"enum", bj::array(rule.taken.begin(), rule.taken.end())}});
    }
    if (!rule.refused.empty()) {
        refused.emplace_back(bj::object{{"pattern", rule.refused}});
    }
    if (!refused.empty()) {
        schema["not"] = bj::object{{"anyOf", std::move(refused)}};
    }
    return schema;
}

bj::object map_of(const name_rule& names, bj::object values) {
    return {
        {"type", "object"},
        {"propertyNames", name_schema(names)},
        {"additionalProperties", std::move(values)}
    };
}

bj::object map_of(const name_rule& names, bj::object values, std::size_t min, std::size_t max) {
    bj::object schema = map_of(names, std::move(values));
    schema["minProperties"] = min;
    schema["maxProperties"] = max;
    return schema;
}

bj::object prose(std::size_t max) {
    return {{"pattern", one_line}, {"maxLength", max}};
}

bj::object app_schema(events::json::schema_writer& writer) {
    bj::object schema = writer.request<app>();
    schema = writer.definitions().at("app");
    replace(schema, "name", name_schema(snake_name_rule()));
    bj::object title = prose(max_title);
    title["minLength"] = 1;
    limit(schema, "title", std::move(title));
    limit(schema, "description", prose(max_description));
    limit(schema, "version", {{"pattern", R"(^[0-9]+\.[0-9]+\.[0-9]+$)"}, {"maxLength", 30}});
    limit(schema, "api_prefix", {{"pattern", "^(/[a-z0-9-]+)+$"}, {"maxLength", max_path}});
    bj::array versions(pythons.begin(), pythons.end());
    versions.emplace_back(nullptr);
    limit(schema, "python", {{"enum", std::move(versions)}});
    return schema;
}

bj::object enum_values_schema() {
    return {
        {"type", "array"},
        {"items", name_schema(enum_value_rule())},
        {"minItems", 1},
        {"maxItems", max_enum_values},
        {"uniqueItems", true}
    };
}

/// The types an option does not go with, as a condition on `type`. A name that is no built-in one
/// is an enum's.
bj::object types_without(const option_rule& rule) {
    const bool enums = rule.goes_with(kind::enumeration);
    bj::array names;
    for (const auto name : built_in_types()) {
        if (rule.goes_with(built_in_kind(name).value()) != enums) {
            names.emplace_back(name);
        }
    }
    const bj::object listed{{"enum", std::move(names)}};
    return {{"properties", {{"type", enums ? listed : bj::object{{"not", listed}}}}}};
}

/// What says nothing.
bj::value absent(const option_rule& rule) {
    if (rule.option == "default") {
        return false;
    }
    if (rule.option == "unique" || rule.option == "index") {
        return bj::object{{"const", false}};
    }
    return bj::object{{"type", "null"}};
}

bj::object when(bj::object condition, bj::object then) {
    return {{"if", std::move(condition)}, {"then", std::move(then)}};
}

bj::object default_of(bj::array types, std::string_view json_type) {
    return when(
        {{"properties", {{"type", {{"enum", std::move(types)}}}}}},
        {{"properties", {{"default", {{"type", bj::array{json_type, "null"}}}}}}}
    );
}

bj::object field_schema(events::json::schema_writer& writer) {
    bj::object schema = writer.request<field>();
    schema = writer.definitions().at("field");
    limit(schema, "description", prose(max_description));
    limit(schema, "pattern", {{"maxLength", max_pattern_length}, {"pattern", R"(^\^.*\$$)"}});
    limit(schema, "digits", {{"minimum", 1}, {"maximum", max_digits}});
    limit(schema, "places", {{"minimum", 0}, {"maximum", max_digits - 1}});
    schema.at("properties").as_object()["default"] = bj::object{};
    bj::array conditions;
    for (const auto& rule : option_rules()) {
        conditions.emplace_back(
            when(types_without(rule), {{"properties", {{rule.option, absent(rule)}}}})
        );
    }
    conditions.emplace_back(default_of({"int", "bigint"}, "integer"));
    conditions.emplace_back(default_of({"float"}, "number"));
    conditions.emplace_back(default_of({"bool"}, "boolean"));
    schema["allOf"] = std::move(conditions);
    return schema;
}

bj::object relation_schema(events::json::schema_writer& writer) {
    bj::object schema = writer.request<relation>();
    schema = writer.definitions().at("relation");
    limit(schema, "description", prose(max_description));
    schema["not"] = bj::object{
        {"required", {"required", "on_delete"}},
        {"properties", {{"required", {{"const", true}}}, {"on_delete", {{"const", "set_null"}}}}}
    };
    return schema;
}

bj::object entity_schema(events::json::schema_writer& writer) {
    bj::object schema = writer.request<entity_document>();
    schema = writer.definitions().at("entity_document");
    const auto fields = field_name_rule();
    replace(schema, "fields", map_of(fields, {{"$ref", "#/$defs/field"}}, 1, max_fields));
    replace(
        schema, "relations", events::json::nullable(map_of(fields, {{"$ref", "#/$defs/relation"}}))
    );
    replace(
        schema,
        "checks",
        events::json::nullable(map_of(
            snake_name_rule(),
            {{"type", "string"}, {"minLength", 1}, {"maxLength", max_condition_length}}
        ))
    );
    bj::object plural = name_schema(snake_name_rule());
    replace(schema, "plural", events::json::nullable(std::move(plural)));
    limit(schema, "description", prose(max_description));
    bj::object index{
        {"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", 1}, {"uniqueItems", true}
    };
    limit(schema, "indexes", {{"items", std::move(index)}});
    bj::object& asked = property(schema, "api");
    limit(asked, "operations", {{"minItems", 1}, {"uniqueItems", true}});
    limit(asked, "filters", {{"uniqueItems", true}});
    limit(asked, "sort", {{"uniqueItems", true}});
    return schema;
}

}  // namespace

bj::object model_json_schema() {
    events::json::schema_writer writer("#/$defs/", events::json::personal_form::text);
    bj::object whole = writer.request<model_document>();
    whole = writer.definitions().at("model_document");
    replace(whole, "schema", {{"const", model_schema}});
    replace(whole, "app", {{"$ref", "#/$defs/app"}});
    replace(
        whole, "enums", events::json::nullable(map_of(entity_name_rule(), enum_values_schema()))
    );
    replace(
        whole, "entities", map_of(entity_name_rule(), {{"$ref", "#/$defs/entity"}}, 1, max_entities)
    );
    bj::object definitions{
        {"app", app_schema(writer)},
        {"entity", entity_schema(writer)},
        {"field", field_schema(writer)},
        {"relation", relation_schema(writer)}
    };
    for (const auto& [name, definition] : writer.definitions()) {
        if (definition.contains("enum")) {
            definitions[name] = definition;
        }
    }
    bj::object document{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "A domain model of TeamFlow's generator"}
    };
    for (auto& member : whole) {
        document[member.key()] = std::move(member.value());
    }
    document["$defs"] = std::move(definitions);
    return document;
}

}  // namespace teamflow::generation
