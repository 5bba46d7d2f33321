#include <catch2/catch.hpp>

#include <boost/json/serialize.hpp>

#include "events/json/schema.hpp"

using namespace teamflow::events;

namespace {

enum class shade { light, dark };
BOOST_DESCRIBE_ENUM(shade, light, dark)

struct digits_format {
    static constexpr std::string_view pattern = "^[0-9]+$";
    static constexpr std::string_view expected = "digits";

    static bool matches(std::string_view) { return true; }
};

struct leaf {
    json::text<1, 5> text;
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(leaf, (), (text, done))

struct body {
    task_id task;
    json::text<0, 10> title;
    json::formatted<digits_format> code;
    std::optional<date> due;
    json::defaulted<bool, true> billable;
    json::patch<json::text<0, 10>> note;
    json::replace<shade> tone;
    json::within<double, 0, 100> hours;
    json::list<leaf, 2> leaves;
};
BOOST_DESCRIBE_STRUCT(body, (), (task, title, code, due, billable, note, tone, hours, leaves))

struct thing {
    task_id id;
    std::optional<shade> tone;
    std::optional<leaf> first;
    std::vector<leaf> leaves;
    personal name;
    timestamp at;
    std::map<std::string, std::string> labels;
    std::int32_t small = 0;
    std::uint64_t large = 0;
    boost::json::value any;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, tone, first, leaves, name, at, labels, small, large, any))

std::string definition(const json::schema_writer& writer, const std::string& name) {
    return boost::json::serialize(writer.definitions().at(name));
}

}  // namespace

TEST_CASE("the schema of a request has its limits, and what may be left out") {
    json::schema_writer writer("#/components/schemas/", json::personal_form::text);
    const std::array<std::string_view, 1> in_path{"task"};
    CHECK(
        boost::json::serialize(writer.request<body>(in_path)) ==
        R"({"$ref":"#/components/schemas/body"})"
    );
    CHECK(
        definition(writer, "body") ==
        R"({"type":"object","properties":{"title":{"type":"string","maxLength":10},)"
        R"("code":{"type":"string","pattern":"^[0-9]+$","description":"digits"},)"
        R"("due":{"type":["string","null"],"format":"date"},)"
        R"("billable":{"type":"boolean","default":true},)"
        R"("note":{"type":["string","null"],"maxLength":10},)"
        R"("tone":{"$ref":"#/components/schemas/shade"},)"
        R"("hours":{"type":"number","minimum":0,"maximum":100},)"
        R"("leaves":{"type":"array","items":{"type":"object","properties":{)"
        R"("text":{"type":"string","minLength":1,"maxLength":5},"done":{"type":"boolean"}},)"
        R"("required":["text","done"],"additionalProperties":false},"maxItems":2}},)"
        R"("required":["title","code","hours","leaves"],"additionalProperties":false})"
    );
    CHECK(definition(writer, "shade") == R"({"type":"string","enum":["light","dark"]})");
}

TEST_CASE("the schema of an answer has every member, named structs apart") {
    json::schema_writer writer("#/$defs/", json::personal_form::text);
    writer.answer<thing>();
    CHECK(
        definition(writer, "thing") ==
        R"({"type":"object","properties":{"id":{"type":"string","format":"uuid"},)"
        R"("tone":{"anyOf":[{"$ref":"#/$defs/shade"},{"type":"null"}]},)"
        R"("first":{"anyOf":[{"$ref":"#/$defs/leaf"},{"type":"null"}]},)"
        R"("leaves":{"type":"array","items":{"$ref":"#/$defs/leaf"}},"name":{"type":"string"},)"
        R"("at":{"type":"string","format":"date-time"},)"
        R"("labels":{"type":"object","additionalProperties":{"type":"string"}},)"
        R"("small":{"type":"integer","format":"int32"},)"
        R"("large":{"type":"integer","format":"int64","minimum":0},"any":{}},)"
        R"("required":["id","tone","first","leaves","name","at","labels","small","large","any"]})"
    );
}

TEST_CASE("sealed text shows as what lies in the log") {
    json::schema_writer writer("#/$defs/", json::personal_form::sealed);
    writer.answer<thing>();
    CHECK(definition(writer, "personal").find("sealed") != std::string::npos);
}

TEST_CASE("one name means one schema") {
    json::schema_writer writer("#/$defs/", json::personal_form::text);
    writer.answer<leaf>();
    CHECK_THROWS_AS(writer.request<leaf>(), std::logic_error);
}

TEST_CASE("a schema document stands alone") {
    const auto document = json::schema<thing>();
    CHECK(document.at("$schema") == "https://json-schema.org/draft/2020-12/schema");
    CHECK(document.at("$defs").as_object().size() == 3);
}
