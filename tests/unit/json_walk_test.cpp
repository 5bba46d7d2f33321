#include <catch2/catch.hpp>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"

using namespace teamflow::events;

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct item {
    json::text<1, 5> text;
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(item, (), (text, done))

struct document {
    task_id id;
    json::text<1, 10> title;
    std::optional<date> due;
    json::defaulted<bool, true> billable;
    json::patch<json::text<0, 10>> note;
    json::within<double, 0, 100> hours;
    json::list<item, 2> items;
    colour shade = colour::red;
    timestamp at;
};
BOOST_DESCRIBE_STRUCT(document, (), (id, title, due, billable, note, hours, items, shade, at))

std::expected<document, json::problems> read(std::string_view text) {
    const auto value = json::parse(text);
    REQUIRE(value.has_value());
    return json::read<document>(*value);
}

constexpr std::string_view whole =
    R"({"id":"01936f3c-7b1a-7000-8000-000000000001","title":"Write","due":"2026-11-30",)"
    R"("billable":false,"note":null,"hours":1.5,"items":[{"text":"one","done":true}],)"
    R"("shade":"green","at":"2026-11-21T09:30:00.125Z"})";

}  // namespace

TEST_CASE("a described struct goes to JSON and back unchanged") {
    const auto value = read(whole);
    REQUIRE(value.has_value());
    CHECK(json::to_json(*value) == whole);
    CHECK(value->note.clears());
}

TEST_CASE("all bad fields are named at once, each with its path") {
    const auto value =
        read(R"({"title":"","hours":101,"items":[{"text":"toolong","done":1}],"shade":"blue",)"
             R"("at":"2026-02-30T00:00:00Z","extra":1})");
    REQUIRE(!value.has_value());
    std::vector<std::string> seen;
    for (const auto& fault : value.error()) {
        seen.push_back(fault.field + ":" + fault.code);
    }
    CHECK(
        seen ==
        std::vector<std::string>{
            "id:required",
            "title:empty",
            "hours:out_of_range",
            "items.0.text:too_long",
            "items.0.done:wrong_type",
            "shade:not_allowed",
            "at:not_a_time",
            "extra:unknown_field"
        }
    );
}

TEST_CASE("events ignore members they do not know") {
    const auto value = json::parse(R"({"text":"a","done":false,"new":1})");
    CHECK(json::read<item>(*value, json::unknown_members::ignore).has_value());
    CHECK(!json::read<item>(*value).has_value());
}

TEST_CASE("the parser refuses what readers disagree about") {
    const auto text = GENERATE(
        as<std::string>{},
        R"({"a":1,"a":2})",
        R"(["\u0000"])",
        R"({"\u0000":1})",
        "[1e400]",
        "[1] x",
        "",
        "[1",
        "{\"a\":\"\xff\"}",
        R"(["\ud800"])",
        "[01]",
        "NaN"
    );
    CHECK(!json::parse(text).has_value());
    CHECK(!json::parse(std::string(33, '[') + std::string(33, ']')).has_value());
    CHECK(json::parse(std::string(32, '[') + std::string(32, ']')).has_value());
}

TEST_CASE("strings escape control characters and keep UTF-8") {
    CHECK(json::to_json(std::string("a\"\\\n\x01ü")) == "\"a\\\"\\\\\\n\\u0001ü\"");
}

TEST_CASE("instants keep milliseconds and normalize the offset") {
    CHECK(
        to_string(*parse_timestamp("2026-11-21T10:30:00.1259+01:00")) == "2026-11-21T09:30:00.125Z"
    );
    CHECK(to_string(*parse_timestamp("1969-12-31T23:59:59Z")) == "1969-12-31T23:59:59.000Z");
    const auto bad = GENERATE(
        as<std::string>{},
        "2026-11-21",
        "2026-11-21T10:30:00",
        "2026-11-21T24:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-21T10:30:60Z",
        "2026-11-21T10:30:00.Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-11-21T10:30:00Zx"
    );
    CHECK(!parse_timestamp(bad));
}
