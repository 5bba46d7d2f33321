#include "gateway/api/openapi.hpp"

#include <algorithm>

#include "gateway/api/api.hpp"
#include "gateway/api/openapi_headers.hpp"

namespace teamflow::gateway {

namespace {

namespace bj = boost::json;

std::string tag_of(const route& where) {
    if (where.is_root) {
        return "operation";
    }
    const std::string_view rest = std::string_view(where.path).substr(1);
    return std::string(rest.substr(0, rest.find('/')));
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return result;
}

/// `post /tasks/{id}/time/start` as `post_tasks_id_time_start`.
std::string operation_id(const route& where) {
    std::string id = lower(to_string(where.verb));
    bool gap = true;
    for (const char c : where.path) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (letter) {
            id += gap ? "_" : "";
            id += c;
        }
        gap = !letter;
    }
    return id;
}

bj::object parameter(
    std::string_view name, std::string_view in, std::string_view description, bj::object schema
) {
    bj::object made{{"name", name}, {"in", in}, {"schema", std::move(schema)}};
    if (!description.empty()) {
        made["description"] = description;
    }
    if (in == "path") {
        made["required"] = true;
    }
    return made;
}

void add_path_parameters(const route& where, bj::array& into) {
    std::string_view rest = where.path;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const auto close = rest.find('}', open);
        const auto name = rest.substr(open + 1, close - open - 1);
        bj::object schema{{"type", "string"}};
        if (name == "id" || name.ends_with("_id")) {
            schema["format"] = "uuid";
        }
        into.push_back(parameter(name, "path", {}, std::move(schema)));
        rest.remove_prefix(close + 1);
    }
}

/// The definition that a reference names.
const bj::object& definition_of(
    const bj::object& reference, const events::json::schema_writer& schemas
) {
    const std::string_view name = reference.at("$ref").as_string();
    return schemas.definitions().at(std::string(name.substr(name.rfind('/') + 1)));
}

bool is_required(const bj::object& definition, std::string_view member) {
    const auto* names = definition.if_contains("required");
    return names != nullptr &&
           std::ranges::find(names->as_array(), bj::value(member)) != names->as_array().end();
}

void add_query_parameters(
    const route& where, events::json::schema_writer& schemas, bj::array& into
) {
    const auto& all = definition_of(where.parameters(schemas), schemas);
    for (const auto& member : all.at("properties").as_object()) {
        if (where.takes_ticket && member.key() == "ticket") {
            continue;  // a way to sign in
        }
        auto made = parameter(member.key(), "query", {}, member.value().as_object());
        if (is_required(all, member.key())) {
            made["required"] = true;
        }
        into.push_back(std::move(made));
    }
}

bj::object request_body(const route& where, events::json::schema_writer& schemas) {
    auto reference = where.body(schemas);
    const auto& definition = definition_of(reference, schemas);
    const auto* names = definition.if_contains("required");
    const bool needed = names != nullptr && !names->as_array().empty();
    return {{"required", needed}, {"content", {{media::json, {{"schema", std::move(reference)}}}}}};
}

bj::object answers_of(const route& where, events::json::schema_writer& schemas) {
    bj::object success{{"description", where.summary}, {"headers", success_headers(where)}};
    if (!where.media.empty()) {
        bj::object content;
        for (const std::string_view kind : where.media) {
            content[kind] = where.answer && kind == media::json
                                ? bj::object{{"schema", where.answer(schemas)}}
                                : bj::object{};
        }
        success["content"] = std::move(content);
    }
    bj::object answers;
    answers[std::to_string(where.is_websocket ? 101 : where.success)] = std::move(success);
    for (const unsigned status : problem_statuses(where)) {
        answers[std::to_string(status)] = problem_reference(status);
    }
    if (where.tells_failure) {
        answers["503"] = bj::object{
            {"description", "The same, when something has failed"},
            {"headers", failure_headers()},
            {"content", {{media::json, {{"schema", where.answer(schemas)}}}}}
        };
    }
    return answers;
}

bj::object operation_of(const route& where, events::json::schema_writer& schemas) {
    bj::object made{
        {"operationId", operation_id(where)},
        {"tags", bj::array{bj::value(tag_of(where))}},
        {"summary", where.summary},
    };
    bj::array parameters;
    add_path_parameters(where, parameters);
    if (where.parameters) {
        add_query_parameters(where, schemas, parameters);
    }
    add_header_parameters(where, parameters);
    made["parameters"] = std::move(parameters);
    if (where.body) {
        made["requestBody"] = request_body(where, schemas);
    }
    made["responses"] = answers_of(where, schemas);
    made["security"] = security_of(where);
    return made;
}

}  // namespace

bj::object openapi_document(std::span<const route> table) {
    events::json::schema_writer schemas("#/components/schemas/", events::json::personal_form::text);
    bj::object paths;
    for (const route& where : table) {
        auto& path = paths[full_path(where)];
        if (!path.is_object()) {
            path.emplace_object();
        }
        path.as_object()[lower(to_string(where.verb))] = operation_of(where, schemas);
    }
    const auto problem = schemas.define("error", schemas.answer_in_place<gateway::problem>());
    bj::object definitions;
    for (const auto& [name, definition] : schemas.definitions()) {
        definitions[name] = definition;
    }
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "TeamFlow"},
          {"version", TEAMFLOW_VERSION},
          {"description", "Team work as events: commands, queries and live feeds."},
          {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", std::move(definitions)},
          {"headers", header_components()},
          {"parameters", parameter_components()},
          {"responses", response_components(problem)},
          {"securitySchemes", security_components()}}}
    };
}

}  // namespace teamflow::gateway
