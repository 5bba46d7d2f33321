#include "gateway/api/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "events/json/pretty.hpp"
#include "gateway/api/api.hpp"

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

void add_query_parameters(
    const route& where, events::json::schema_writer& schemas, bj::array& into
) {
    const bj::object reference = where.parameters(schemas);
    const std::string_view name = reference.at("$ref").as_string();
    const auto& all = schemas.definitions().at(std::string(name.substr(name.rfind('/') + 1)));
    for (const auto& member : all.at("properties").as_object()) {
        into.push_back(parameter(member.key(), "query", {}, member.value().as_object()));
    }
}

void add_header_parameters(const route& where, bj::array& into) {
    if (where.is_command) {
        into.push_back(parameter(
            "Idempotency-Key",
            "header",
            "Repeats the answer of the first equal request that took effect",
            {{"type", "string"}, {"minLength", 1}, {"maxLength", 128}}
        ));
        into.push_back(parameter(
            "If-Match", "header", "The ETag that the change is based on", {{"type", "string"}}
        ));
    } else if (where.verb == method::get && !where.is_root) {
        into.push_back(parameter(
            "Min-Position",
            "header",
            "Waits until the read model has this position",
            {{"type", "string"}}
        ));
    }
}

bj::object answers_of(const route& where, events::json::schema_writer& schemas) {
    bj::object success{{"description", where.summary}};
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
    const bj::object problem{
        {"description", "What went wrong (RFC 9457)"},
        {"content",
         {{media::problem_json,
           {{"schema", schemas.define("error", schemas.answer_in_place<gateway::problem>())}}}}}
    };
    std::set<unsigned> statuses{400, 429, 500, 503};
    if (where.who != access::anyone) {
        statuses.insert({401, 403});
    }
    if (where.path.contains('{')) {
        statuses.insert(404);
    }
    if (!where.media.empty() && !where.is_root) {
        statuses.insert(406);
    }
    if (where.verb != method::get) {
        // A body may come even where none is needed.
        statuses.insert({413, 415});
    }
    if (!where.is_root || where.parameters) {
        statuses.insert(422);
    }
    if (where.is_command) {
        statuses.insert({404, 409, 412});
    }
    for (const auto& code : where.errors) {
        statuses.insert(error_of(code).status);
    }
    for (const unsigned status : statuses) {
        answers[std::to_string(status)] = problem;
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
    if (!parameters.empty()) {
        made["parameters"] = std::move(parameters);
    }
    if (where.body) {
        made["requestBody"] = {{"content", {{media::json, {{"schema", where.body(schemas)}}}}}};
    }
    made["responses"] = answers_of(where, schemas);
    bj::array security;
    if (where.who != access::anyone) {
        security.emplace_back(bj::object{{"bearer", bj::array{}}});
    }
    made["security"] = std::move(security);
    return made;
}

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '&':
                html += "&amp;";
                break;
            case '"':
                html += "&quot;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

std::string entry(std::string_view verb, std::string_view path, const bj::object& operation) {
    std::string html = "<details><summary><code class=\"" + std::string(verb) + "\">";
    html += verb;
    html += "</code> <code>" + escaped(path) + "</code> ";
    html += escaped(operation.at("summary").as_string()) + "</summary>";
    for (const char* part : {"parameters", "requestBody", "responses"}) {
        if (const auto* value = operation.if_contains(part)) {
            html += "<h4>" + std::string(part) + "</h4><pre>" +
                    escaped(events::json::pretty(*value)) + "</pre>";
        }
    }
    return html + "</details>\n";
}

constexpr std::string_view page_head =
    R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>TeamFlow API</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
details{border:1px solid #ddd;border-radius:6px;margin:.3rem 0;padding:.3rem .6rem}
summary{cursor:pointer}pre{overflow:auto;background:#f6f6f6;padding:.6rem;font-size:12px}
summary code:first-child{display:inline-block;min-width:4rem;font-weight:bold;color:#06c}
h2{text-transform:capitalize;margin-top:2rem}
</style></head><body><h1>TeamFlow API</h1>
<p>Generated from the routes. The same as a document: <a href="/openapi.json">/openapi.json</a>;
the events: <a href="/asyncapi.json">/asyncapi.json</a>.</p>
)";

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
          {"securitySchemes",
           {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}
    };
}

std::string docs_page(const bj::object& openapi) {
    std::map<std::string, std::string> sections;
    for (const auto& path : openapi.at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            const auto& what = operation.value().as_object();
            const std::string tag(what.at("tags").as_array().front().as_string());
            sections[tag] += entry(operation.key(), path.key(), what);
        }
    }
    std::string html(page_head);
    for (const auto& [tag, entries] : sections) {
        html += "<h2>" + escaped(tag) + "</h2>\n" + entries;
    }
    html += "<h2>Schemas</h2><details><summary>components</summary><pre>" +
            escaped(events::json::pretty(openapi.at("components").at("schemas"))) +
            "</pre></details></body></html>\n";
    return html;
}

}  // namespace teamflow::gateway
