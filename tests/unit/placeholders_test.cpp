#include "commands/placeholders.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace teamflow;
using commands::check_placeholders;
using commands::expand;
using commands::template_variables;

namespace {

events::template_data titled(std::string title) {
    events::template_data data;
    data.title_template = std::move(title);
    return data;
}

std::string expanded(const std::string& title, const template_variables& variables = {}) {
    const auto result = expand(titled(title), variables);
    REQUIRE(result.has_value());
    return result->title;
}

bool is_bad(const std::string& title) {
    const auto problems = check_placeholders(titled(title));
    return problems.size() == 1 && problems[0].field == "template_data.title_template" &&
           problems[0].code == "bad_placeholder" && !expand(titled(title), {}).has_value();
}

}  // namespace

TEST_CASE("placeholders are replaced by their values") {
    CHECK(expanded("{a}-{b}-{a}", {{"a", "1"}, {"b", "2"}}) == "1-2-1");
    CHECK(expanded("{_x9}", {{"_x9", "ok"}}) == "ok");
}

TEST_CASE("doubled braces are literal") {
    CHECK(expanded("{{a}}") == "{a}");
    CHECK(expanded("{{{a}}}", {{"a", "1"}}) == "{1}");
    CHECK(expanded("}}{{") == "}{");
}

TEST_CASE("a value is not looked at for placeholders") {
    CHECK(expanded("{a}", {{"a", "{b} {{"}}) == "{b} {{");
}

TEST_CASE("braces that do not pair around a name are refused") {
    for (const char* title :
         {"{",
          "}",
          "{a",
          "a}",
          "{}",
          "{ a}",
          "{a b}",
          "{9a}",
          "{a}}",
          "{{a}",
          "{a{b}}",
          "{\xC3\xA4}"}) {
        INFO(title);
        CHECK(is_bad(title));
    }
    CHECK(is_bad("{" + std::string(65, 'a') + "}"));
}

TEST_CASE("an absurd number of missing variables is reported up to a bound") {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += "{v" + std::to_string(i) + "}";
    }
    const auto result = expand(titled(text), {});
    REQUIRE(!result.has_value());
    CHECK(result.error().size() == 100);
}

TEST_CASE("any text whose braces are doubled comes back as it was") {
    CHECK(rc::check([](const std::string& text) {
        std::string doubled = "x";
        for (const char c : text) {
            doubled += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
        }
        const auto data = titled(doubled);
        RC_ASSERT(check_placeholders(data).empty());
        const auto result = expand(data, {});
        // RC_ASSERT evaluates both sides of an `||`.
        if (result) {
            RC_ASSERT(result->title == "x" + text);
        }
    }));
}

TEST_CASE("expanding never throws, whatever the template and the variables") {
    const auto brace_text =
        rc::gen::container<std::string>(rc::gen::element('{', '}', 'a', 'b', ' '));
    CHECK(rc::check([&] {
        auto data = titled(*brace_text);
        data.description_template = *brace_text;
        data.checklist = {*brace_text};
        const template_variables given{{"a", *brace_text}, {*brace_text, "x"}};
        const auto result = expand(data, given);
        if (!result) {
            RC_ASSERT(!result.error().empty());
        }
    }));
}
