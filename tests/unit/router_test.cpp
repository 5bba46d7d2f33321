// Paths to routes, and the decoding of what they carry.

#include "gateway/http/router.hpp"

#include <catch2/catch.hpp>

#include "gateway/http/percent.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/query_string.hpp"

namespace teamflow::tests {

using namespace teamflow::gateway;
using namespace std::string_view_literals;

TEST_CASE("routes are found by method and path", "[router]") {
    router routes;
    const auto list = routes.add(method::get, "/tasks");
    const auto create = routes.add(method::post, "/tasks");
    const auto one = routes.add(method::get, "/tasks/{id}");
    const auto start = routes.add(method::post, "/tasks/{id}/time/start");
    const auto active = routes.add(method::get, "/tasks/active");
    const auto file = routes.add(method::get, "/tasks/{id}/files/{name}");
    const auto root = routes.add(method::get, "/");
    path_match match;
    const auto found = [&](method verb, std::string_view path) {
        REQUIRE(routes.match(verb, path, match) == match_outcome::found);
        return match.route;
    };
    REQUIRE(found(method::get, "/tasks") == list);
    REQUIRE(found(method::head, "/tasks") == list);
    REQUIRE(found(method::post, "/tasks") == create);
    REQUIRE(found(method::get, "/tasks/active") == active);
    REQUIRE(found(method::get, "/tasks/7") == one);
    REQUIRE(match.values == std::vector{"7"sv});
    REQUIRE(found(method::post, "/tasks/active/time/start") == start);
    REQUIRE(match.values == std::vector{"active"sv});
    REQUIRE(found(method::get, "/tasks/%C3%A9/files/a%2fb+c") == file);
    REQUIRE(match.values == std::vector{"\xc3\xa9"sv, "a/b+c"sv});
    REQUIRE(routes.parameters(file) == std::vector<std::string>{"id", "name"});
    REQUIRE(found(method::get, "/") == root);
}

TEST_CASE("what is no route", "[router]") {
    router routes;
    routes.add(method::get, "/tasks/{id}");
    routes.add(method::patch, "/tasks/{id}");
    routes.add(method::post, "/tasks/{id}/time/start");
    path_match match;
    for (const auto* path :
         {"",
          "/",
          "tasks/1",
          "/tasks",
          "/tasks/",
          "/tasks/1/",
          "/tasks//",
          "//tasks/1",
          "/Tasks/1",
          "/tasks/1/time",
          "/tasks//time/start",
          "/t%61sks/1",
          "*",
          "/tasks/1/time/start/"}) {
        INFO(path);
        CHECK(routes.match(method::get, path, match) == match_outcome::not_found);
    }
    for (const auto* path :
         {"/tasks/%",
          "/tasks/%4",
          "/tasks/%zz",
          "/tasks/%00",
          "/tasks/%ff",
          "/tasks/%c0%af",
          "/tasks/%ed%a0%80"}) {
        INFO(path);
        CHECK(routes.match(method::get, path, match) == match_outcome::malformed_path);
    }
    REQUIRE(routes.match(method::del, "/tasks/1", match) == match_outcome::method_not_allowed);
    REQUIRE(match.allow == "GET, HEAD, PATCH, OPTIONS");
    REQUIRE(routes.match(method::other, "/tasks/1", match) == match_outcome::method_not_allowed);
    REQUIRE(routes.match(method::options, "/tasks/1", match) == match_outcome::options);
    REQUIRE(
        routes.match(method::head, "/tasks/1/time/start", match) ==
        match_outcome::method_not_allowed
    );
    REQUIRE(match.allow == "POST, OPTIONS");
}

TEST_CASE("malformed and repeated templates are refused", "[router]") {
    router routes;
    routes.add(method::get, "/a/{b}");
    REQUIRE_THROWS(routes.add(method::get, "/a/{c}"));
    REQUIRE_THROWS(routes.add(method::get, "a"));
    REQUIRE_THROWS(routes.add(method::get, ""));
    REQUIRE_THROWS(routes.add(method::get, "/a/{b"));
    REQUIRE_THROWS(routes.add(method::get, "/a/{}"));
    REQUIRE_THROWS(routes.add(method::other, "/a"));
}

TEST_CASE("query parameters", "[router]") {
    const auto parsed = query_string::parse("a=1&b=x+y%26&a=2&&c&d=&=e&caf%C3%A9=%E2%82%AC");
    REQUIRE(parsed);
    REQUIRE(parsed->find("a") == "1");
    REQUIRE(parsed->all("a") == std::vector{"1"sv, "2"sv});
    REQUIRE(parsed->find("b") == "x y&");
    REQUIRE(parsed->find("c") == "");
    REQUIRE(parsed->find("d") == "");
    REQUIRE(parsed->find("") == "e");
    REQUIRE(parsed->find("caf\xc3\xa9") == "\xe2\x82\xac");
    REQUIRE_FALSE(parsed->find("z"));
    REQUIRE(parsed->pairs().size() == 7);
    for (const auto* bad :
         {"a=%", "a=%1", "a=%g0", "%zz=1", "a=%00", "a=%ff", "a=%c3", "a=%f5%80%80%80"}) {
        INFO(bad);
        CHECK_FALSE(query_string::parse(bad));
    }
    std::string many;
    for (int i = 0; i < 100; ++i) {
        many += "a&";
    }
    REQUIRE(query_string::parse(many));
    REQUIRE_FALSE(query_string::parse(many + "b"));
}

TEST_CASE("UTF-8 is checked strictly", "[router]") {
    for (const auto good :
         {""sv,
          "a"sv,
          "\xc2\x80"sv,
          "\xe0\xa0\x80"sv,
          "\xed\x9f\xbf"sv,
          "\xee\x80\x80"sv,
          "\xf0\x90\x80\x80"sv,
          "\xf4\x8f\xbf\xbf"sv}) {
        CHECK(is_utf8(good));
    }
    for (const auto bad :
         {"\x80"sv,
          "\xc0\x80"sv,
          "\xc1\xbf"sv,
          "\xc2"sv,
          "\xc2\x41"sv,
          "\xe0\x9f\xbf"sv,
          "\xed\xa0\x80"sv,
          "\xe2\x82"sv,
          "\xe2\x82\x41"sv,
          "\xf0\x8f\xbf\xbf"sv,
          "\xf4\x90\x80\x80"sv,
          "\xf8"sv,
          "\xff"sv}) {
        CHECK_FALSE(is_utf8(bad));
    }
}

TEST_CASE("problems have one shape", "[router]") {
    const auto answer = problem_response("not_found", "no such task", "r1");
    REQUIRE(answer.status == 404);
    REQUIRE(answer.content_type == "application/problem+json");
    REQUIRE(
        std::get<std::string>(answer.body) ==
        R"({"type":"urn:teamflow:error:not_found","title":"There is no such resource",)"
        R"("status":404,"detail":"no such task","error":"not_found","message":"no such task",)"
        R"("resource":null,"resource_id":null,"request_id":"r1","errors":[]})"
    );
    REQUIRE(make_problem("some_rule").status == 409);
}

TEST_CASE("header fields of answers cannot be split", "[router]") {
    response answer;
    answer.add_header("Location", "/x");
    REQUIRE(answer.header("location") == "/x");
    REQUIRE_FALSE(answer.header("loc"));
    REQUIRE_THROWS(answer.add_header("X", "a\r\nY: b"));
    REQUIRE_THROWS(answer.add_header("X: y", "a"));
    REQUIRE(answer.header_lines() == "Location: /x\r\n");
}

}  // namespace teamflow::tests
