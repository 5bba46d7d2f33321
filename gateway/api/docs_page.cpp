#include <map>

#include "events/json/pretty.hpp"
#include "gateway/api/openapi.hpp"

namespace teamflow::gateway {

namespace {

namespace bj = boost::json;

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
    html += "<h2>Components</h2>\n";
    for (const auto& part : openapi.at("components").as_object()) {
        html += "<details><summary>" + std::string(part.key()) + "</summary><pre>" +
                escaped(events::json::pretty(part.value())) + "</pre></details>\n";
    }
    return html + "</body></html>\n";
}

}  // namespace teamflow::gateway
