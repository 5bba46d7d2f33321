#include "events/catalogue.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

#include "events/json/pretty.hpp"
#include "events/json/typescript.hpp"
#include "events/registry.hpp"

using namespace teamflow::events;

namespace {

std::string typescript(std::string_view name, std::string_view schema) {
    return json::to_typescript(name, boost::json::parse(schema).as_object());
}

/// Every reference of the document leads somewhere in it.
void check_references(const boost::json::value& part, const boost::json::value& document) {
    if (const auto* object = part.if_object()) {
        if (const auto* reference = object->if_contains("$ref")) {
            const std::string to(reference->as_string());
            INFO(to);
            REQUIRE(to.starts_with("#/"));
            boost::json::error_code failure;
            CHECK(document.find_pointer(to.substr(1), failure) != nullptr);
        }
        for (const auto& member : *object) {
            check_references(member.value(), document);
        }
    } else if (const auto* array = part.if_array()) {
        for (const auto& element : *array) {
            check_references(element, document);
        }
    }
}

}  // namespace

TEST_CASE("pretty JSON is indented, with short arrays in one line") {
    const auto value =
        boost::json::parse(R"({"a":{"b":[1,"x\n",null],"c":{},"d":[]},"e":[{"f":1.5},{"g":true}]})"
        );
    CHECK(json::pretty(value) == R"({
  "a": {
    "b": [1, "x\n", null],
    "c": {},
    "d": []
  },
  "e": [
    {
      "f": 1.5
    },
    {
      "g": true
    }
  ]
}
)");
    CHECK(boost::json::parse(json::pretty(value)) == value);
}

TEST_CASE("a schema becomes a TypeScript type") {
    CHECK(
        typescript(
            "timer_started",
            R"({"type":"object","description":"It runs.","properties":{"id":{"type":"string"},)"
            R"("end":{"type":["string","null"],"format":"date-time"},"n":{"type":"integer"},)"
            R"("tags":{"type":"array","items":{"type":"string"}},)"
            R"("maybe":{"type":"array","items":{"type":["number","null"]}},)"
            R"("who":{"anyOf":[{"$ref":"#/$defs/user_part"},{"type":"null"}]},)"
            R"("in":{"type":"object","properties":{"x":{"type":"boolean"}}},)"
            R"("map":{"type":"object","additionalProperties":{"type":"string"}},"any":{}},)"
            R"("required":["id","end","tags"]})"
        ) == R"(/** It runs. */
export interface TimerStarted {
  id: string;
  end: string | null;
  n?: number;
  tags: string[];
  maybe?: (number | null)[];
  who?: UserPart | null;
  in?: { x?: boolean; };
  map?: Record<string, string>;
  any?: unknown;
}
)"
    );
    CHECK(
        typescript("role", R"({"type":"string","enum":["viewer","owner"]})") ==
        "export type Role = \"viewer\" | \"owner\";\n"
    );
}

TEST_CASE("the AsyncAPI document has a message for each event type, and no dead reference") {
    const boost::json::value document = asyncapi_document();
    CHECK(document.at("asyncapi") == "3.0.0");
    CHECK(document.at("channels").at("events").at("address") == "teamflow.events");
    const auto& messages = document.at("components").at("messages").as_object();
    CHECK(messages.size() == event_types().size());
    for (const auto& info : event_types()) {
        CHECK(messages.contains(info.type));
    }
    check_references(document, document);
}

TEST_CASE("the catalogue and the types name every event") {
    const std::string page = event_catalogue();
    const std::string types = event_typescript();
    for (const auto& info : event_types()) {
        CHECK(page.find("### " + std::string(info.type) + "\n") != std::string::npos);
        CHECK(types.find('"' + std::string(info.type) + '"') != std::string::npos);
    }
    CHECK(page.find("Stream `template-usage-<id>`") != std::string::npos);
    CHECK(page.find("Stream `email-<hmac>`") != std::string::npos);
    CHECK(types.find("sealed") == std::string::npos);
}

TEST_CASE("the documents are the same each time, and every event has its schema") {
    const auto documents = event_documents();
    const auto again = event_documents();
    CHECK(documents.size() == 3 + event_types().size());
    CHECK(std::ranges::equal(
        documents, again, {}, &generated_document::text, &generated_document::text
    ));
    for (const auto& [path, text] : documents) {
        INFO(path);
        CHECK(text.ends_with('\n'));
        if (path.ends_with(".json")) {
            const auto document = boost::json::parse(text);
            check_references(document, document);
        }
    }
}
