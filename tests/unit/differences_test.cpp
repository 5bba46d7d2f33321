#include "events/json/differences.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

namespace teamflow::tests {

namespace {

/// One line for each difference.
std::string told(std::string_view before, std::string_view after) {
    std::string text;
    const auto found =
        events::json::differences(boost::json::parse(before), boost::json::parse(after));
    for (const auto& each : found) {
        text += each.path + ": " + each.before.value + " -> " + each.after.value + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("what is the same is no difference", "[differences]") {
    CHECK(told(R"({"a":1,"b":[1,{"c":null}]})", R"({"b":[1,{"c":null}],"a":1})").empty());
    CHECK(told("[]", "[]").empty());
}

TEST_CASE("differences are told by member, all the way down", "[differences]") {
    CHECK(
        told(R"({"a":1,"b":{"c":"x","d":true}})", R"({"a":2,"b":{"c":"y","d":true}})") ==
        "/a: 1 -> 2\n/b/c: \"x\" -> \"y\"\n"
    );
    CHECK(told("[1,2]", "[1,3,4]") == "/1: 2 -> 3\n/2: null -> 4\n");
    CHECK(told("[1,2]", "[1]") == "/1: 2 -> null\n");
    CHECK(told(R"({"a":{}})", R"({"a":[]})") == "/a: {} -> []\n");
    CHECK(told("1", "2") == ": 1 -> 2\n");
}

TEST_CASE("members come and go", "[differences]") {
    CHECK(
        told(R"({"old":1})", R"({"new":{"a":1}})") == "/new: null -> {\"a\":1}\n/old: 1 -> null\n"
    );
}

TEST_CASE("paths are JSON pointers", "[differences]") {
    CHECK(told(R"({"a/b":1,"~":1})", R"({"a/b":2,"~":2})") == "/a~1b: 1 -> 2\n/~0: 1 -> 2\n");
}

TEST_CASE("a sealed text is one value", "[differences]") {
    CHECK(
        told(R"({"t":{"person":"p","sealed":"x"}})", R"({"t":{"person":"p","sealed":"y"}})") ==
        "/t: {\"person\":\"p\",\"sealed\":\"x\"} -> {\"person\":\"p\",\"sealed\":\"y\"}\n"
    );
}

}  // namespace teamflow::tests
