#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <re2/re2.h>

#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"
#include "generation/output.hpp"
#include "generation/python/decimal_pattern.hpp"
#include "generation/python/layout.hpp"
#include "generation/python/literal.hpp"
#include "generation/python/long_lines.hpp"
#include "generation/readiness.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace teamflow::generation;

namespace {

const model& simple_task_api() {
    static const model made =
        read_model(domain_source("simple_task_api"), source_format::yaml).value();
    return made;
}

const generated_file& file_of(const std::vector<generated_file>& all, std::string_view path) {
    const auto found = std::ranges::find(all, path, &generated_file::path);
    REQUIRE(found != all.end());
    return *found;
}

}  // namespace

TEST_CASE("an application has the same bytes each time", "[generation]") {
    const pattern_library patterns;
    const auto first = compose(simple_task_api(), patterns);
    const auto second = compose(simple_task_api(), pattern_library());
    REQUIRE(first.size() == second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].path == second[i].path);
        CHECK(first[i].content == second[i].content);
    }
}

TEST_CASE("the manifest has the origin and hash of each file", "[generation]") {
    const auto all = compose(simple_task_api(), pattern_library());
    const auto& manifest = file_of(all, ".generator/manifest.json").content;
    for (const auto& each : all) {
        if (each.path == ".generator/manifest.json") {
            continue;
        }
        INFO(each.path);
        CHECK(manifest.contains("\"" + each.path + "\": {"));
        CHECK(manifest.contains("\"" + each.origin + "\""));
        CHECK(manifest.contains(sha256(each.content)));
    }
    CHECK(manifest.contains(hash(simple_task_api())));
}

TEST_CASE("composing stops where it is told to", "[generation]") {
    std::size_t taken = 0;
    const bool whole = compose(simple_task_api(), pattern_library(), [&](const generated_file&) {
        return ++taken < 3;
    });
    CHECK_FALSE(whole);
    CHECK(taken == 3);
}

TEST_CASE("the library has a pattern for every category and layer", "[generation]") {
    const pattern_library patterns;
    std::set<category> categories;
    std::set<layer> layers;
    for (const auto& each : patterns.all()) {
        categories.insert(each.category);
        layers.insert(each.layer);
        CHECK_FALSE(each.summary.empty());
        CHECK(each.version >= 1);
    }
    CHECK(categories.size() == 12);
    CHECK(layers.size() == 7);
    CHECK(patterns.all().size() >= 50);
    const auto names = patterns.find("entity_service")->placeholders();
    CHECK(std::ranges::count(names, "entity") == 1);
    CHECK(std::ranges::count(names, "module") == 1);
}

TEST_CASE("patterns of one's own take the place of those of the same name", "[generation]") {
    const teamflow::tests::temporary_directory place;
    const auto write = [&](const std::string& text) {
        std::ofstream(place.path() / "own.pattern") << text;
    };
    const std::string head =
        "---\nname: gitignore\nversion: 7\ncategory: project_config\n"
        "layer: config\nsummary: Own\npath: .gitignore\n---\n";
    write(head + "mine {{app_name}}\n");
    const auto all = compose(simple_task_api(), pattern_library(place.path()));
    CHECK(file_of(all, ".gitignore").content == "mine task_api\n");
    CHECK(file_of(all, ".gitignore").origin == "gitignore@7");
    write(head + "{{no_such_thing}}\n");
    CHECK_THROWS_WITH(
        compose(simple_task_api(), pattern_library(place.path())),
        Catch::Contains("gitignore") && Catch::Contains("no_such_thing")
    );
    write(head + "{{title_py}}\n");
    CHECK_THROWS_WITH(
        compose(simple_task_api(), pattern_library(place.path())), Catch::Contains("three braces")
    );
    write("no manifest\n");
    CHECK_THROWS_WITH(pattern_library(place.path()), Catch::Contains("manifest"));
    std::string outside = head;
    outside.replace(outside.find(".gitignore"), 10, "../../evil");
    write(outside);
    CHECK_THROWS_WITH(
        compose(simple_task_api(), pattern_library(place.path())), Catch::Contains("inside")
    );
}

TEST_CASE("texts become literals that nothing in them can end", "[generation]") {
    CHECK(python::string("it's") == R"("it's")");
    CHECK(python::string(R"(say "x")") == R"('say "x"')");
    CHECK(python::string(R"("'\)") == R"("\"'\\")");
    CHECK(python::string("a\n\x01\x7f") == R"("a\n\x01\x7f")");
    CHECK(python::string("\u202e\U0001F600\u00e9") == R"("\u202e\U0001f600\xe9")");
    CHECK(python::docstring(R"(""" import os """)") == R"("""\"\"\" import os \"\"\"""")");
    CHECK(python::pattern(R"(^\d"$)") == R"('^\\d"$')");
    CHECK(python::quoted("\"\n\U0001F600") == "\"\\\"\\u000a\U0001F600\"");
    CHECK(python::markdown("<script>|`x`") == R"(\<script\>\|\`x\`)");
}

TEST_CASE("a docstring has no blanks at its ends", "[generation]") {
    CHECK(python::docstring("  a b ") == R"("""a b""")");
    CHECK(python::docstring("  ") == R"("""""")");
}

TEST_CASE("long texts stand in pieces", "[generation]") {
    using all = std::vector<std::string>;
    CHECK(python::pieces("", 12) == all{R"("")"});
    CHECK(python::pieces("short text", 12) == all{R"("short text")"});
    CHECK(python::pieces("a longer text", 12) == all{R"("a longer ")", R"("text")"});
    CHECK(python::pieces("withoutblanks", 12) == all{R"("withoutbla")", R"("nks")"});
    CHECK(python::pieces("\u202e\u202e", 12) == all{R"("\u202e")", R"("\u202e")"});
    CHECK(python::enclose_text(4, "x = ", "short", ",") == R"(    x = "short",)");
    const std::string fits(110, 'a');
    CHECK(
        python::enclose_text(4, "name = ", fits, "") ==
        "    name = (\n        \"" + fits + "\"\n    )"
    );
    const std::string longer(111, 'a');
    CHECK(
        python::enclose_text(4, "name = ", longer, ",") ==
        "    name = (\n        \"" + fits + "\"\n        \"a\"\n    ),"
    );
}

TEST_CASE("calls are laid out as ruff does it", "[generation]") {
    const std::string wide(100, 'x');
    CHECK(python::enclose(4, "f(", {"a", "b"}, ")") == "    f(a, b)");
    CHECK(
        python::enclose(0, "longer_name = function(", {wide, "b"}, ")") ==
        "longer_name = function(\n    " + wide + ", b\n)"
    );
    CHECK(
        python::enclose(0, "f(", {wide, wide}, ")") ==
        fmt::format("f(\n    {},\n    {},\n)", wide, wide)
    );
}

TEST_CASE("what names made too long is broken up as ruff does it", "[generation]") {
    const std::string name(60, 'n');
    const std::string half(46, 'n');
    CHECK(python::broken_up("    x = f(1)\n") == "    x = f(1)\n");
    CHECK(
        python::broken_up(fmt::format("    await f('{0}', g(1, [2, 3]), h={0})\n", half)) ==
        fmt::format("    await f(\n        '{0}', g(1, [2, 3]), h={0}\n    )\n", half)
    );
    CHECK(
        python::broken_up(fmt::format("class A({0}, B[{0}]):\n", name)) ==
        fmt::format("class A(\n    {0},\n    B[{0}],\n):\n", name)
    );
    // In turn.
    CHECK(
        python::broken_up(fmt::format("f(a, g({0}, {0}))\n", name)) ==
        fmt::format("f(\n    a,\n    g(\n        {0},\n        {0},\n    ),\n)\n", name)
    );
    // Nothing is known of where these may be broken.
    for (const auto& line :
         {fmt::format("assert f('{0}{0}') == 1\n", name),
          fmt::format("f({0}{0})  # noqa: E501\n", name),
          fmt::format("'{0}({0})'\n", name),
          fmt::format("\"\"\"{0}\n{0}{0}(1)\n\"\"\"\n", name)}) {
        CHECK(python::broken_up(line) == line);
    }
}

TEST_CASE("a directory is written as a whole or not at all", "[generation]") {
    const teamflow::tests::temporary_directory place;
    const auto target = place.path() / "app";
    {
        output_directory out(target, false);
        out.write({"a/b.txt", "text", "test@1"});
    }
    CHECK(std::filesystem::is_empty(place.path()));
    {
        output_directory out(target, false);
        out.write({"a/b.txt", "text", "test@1"});
        out.commit();
    }
    CHECK(std::filesystem::file_size(target / "a" / "b.txt") == 4);
    CHECK_THROWS_WITH(output_directory(target, false), Catch::Contains("not empty"));
    {
        output_directory out(target, true);
        out.write({"c.txt", "", "test@1"});
        out.commit();
    }
    CHECK_FALSE(std::filesystem::exists(target / "a"));
    CHECK(std::filesystem::exists(target / "c.txt"));
    CHECK(std::distance(std::filesystem::directory_iterator(place.path()), {}) == 1);
}

namespace {

/// Everything that a model can ask for, in a few lines.
constexpr std::string_view everything = R"(
schema: 1
app: { name: notes, auth: jwt }
entities:
  Tag:
    soft_delete: true
    fields: { word: { type: string, unique: true } }
  Note:
    audit: true
    fields: { title: { type: string } }
    relations:
      tags: { to: Tag, kind: many_to_many }
      related: { to: Note, kind: many_to_many, through: related_notes }
      parent: { to: Note, kind: many_to_one }
      cover: { to: Note, kind: one_to_one }
)";

}  // namespace

TEST_CASE("links, soft delete, audit and login bring their patterns", "[generation]") {
    const auto all =
        compose(read_model(everything, source_format::yaml).value(), pattern_library());
    CHECK(file_of(all, "src/models/audit.py").origin == "audit_model@1");
    CHECK(file_of(all, "src/services/auth.py").origin == "auth_service@1");
    CHECK(file_of(all, "src/repositories/soft_delete.py").origin == "soft_delete@1");
    const auto& tables = file_of(all, "src/models/entities.py").content;
    CHECK(tables.contains("class TagEntity(SoftDelete):"));
    CHECK(tables.contains(R"(secondary="related_notes")"));
    CHECK(tables.contains(R"(postgresql_where=text("deleted_at IS NULL"))"));
    const auto plain = compose(simple_task_api(), pattern_library());
    CHECK(std::ranges::find(plain, "src/services/auth.py", &generated_file::path) == plain.end());
    CHECK_FALSE(file_of(plain, "src/repositories/base.py").content.contains("SoftDelete"));
}

TEST_CASE("an entity has routes for its operations, and no others", "[generation]") {
    const auto model = read_model(
        "schema: 1\n"
        "app: { name: notes }\n"
        "entities:\n"
        "  Note: { fields: { title: { type: string } } }\n"
        "  Reading:\n"
        "    fields: { value: { type: int } }\n"
        "    api: { operations: [list] }\n",
        source_format::yaml
    );
    const auto all = compose(model.value(), pattern_library());
    const auto& routes = file_of(all, "src/api/routes/readings.py").content;
    CHECK(routes.contains("@router.get(\"\")\nasync def list_readings("));
    for (const char* absent : {"post", "patch", "delete", "WRITE", "UUID", "ReadingCreate"}) {
        INFO(absent);
        CHECK_FALSE(routes.contains(absent));
    }
    CHECK(file_of(all, "docs/api.md").content.contains("| GET | `/api/v1/readings` |"));
    CHECK_FALSE(file_of(all, "docs/api.md").content.contains("`/api/v1/readings/{id}`"));
    CHECK(file_of(all, "src/api/routes/notes.py").content.contains("@router.delete("));
}

TEST_CASE("rows that count their changes have states to name", "[generation]") {
    const auto model = read_model(
        "schema: 1\n"
        "app: { name: notes }\n"
        "entities:\n"
        "  Note: { versioned: true, fields: { title: { type: string } } }\n"
        "  Tag: { fields: { word: { type: string } } }\n",
        source_format::yaml
    );
    const auto all = compose(model.value(), pattern_library());
    CHECK(file_of(all, "src/models/entities.py")
              .content.contains("class NoteEntity(Versioned, Base):"));
    CHECK(file_of(all, "src/api/routes/notes.py").content.contains("tags: IfMatch"));
    CHECK_FALSE(file_of(all, "src/api/routes/tags.py").content.contains("IfMatch"));
    CHECK(file_of(all, "src/api/preconditions.py").origin == "preconditions@1");
}

TEST_CASE("what is not wanted is left out, and told as lacking", "[generation]") {
    const pattern_library patterns;
    composition how;
    how.mode = composition_mode::minimal;
    how.tests = false;
    const auto few = compose(simple_task_api(), patterns, how);
    const auto all = compose(simple_task_api(), patterns);
    CHECK(few.size() < all.size());
    for (const auto& each : few) {
        CHECK_FALSE(each.path.starts_with("tests/"));
        CHECK_FALSE(each.path.contains("grafana"));
    }
    std::vector<std::string> lacking;
    for (const auto& each : lacks_of(patterns, options_of(simple_task_api(), how))) {
        lacking.push_back(each.option);
        CHECK_FALSE(each.patterns.empty());
    }
    CHECK(lacking == std::vector<std::string>{"jwt", "production", "tests"});
}

TEST_CASE("a pattern that needs one that is left out is refused", "[generation]") {
    const teamflow::tests::temporary_directory place;
    std::ofstream(place.path() / "own.pattern")
        << "---\nname: own\nversion: 1\ncategory: project_config\nlayer: config\nsummary: Own\n"
           "requirements: [conftest]\npath: own.txt\n---\n";
    composition how;
    how.tests = false;
    CHECK_THROWS_WITH(
        compose(simple_task_api(), pattern_library(place.path()), how),
        Catch::Contains("own") && Catch::Contains("conftest")
    );
}

TEST_CASE("figures of patterns are those of recorded runs", "[generation]") {
    const teamflow::tests::temporary_directory place;
    const pattern_library patterns;
    const auto& sanitizer = *patterns.find("sanitizer");
    CHECK_FALSE(figures_of(sanitizer, {}).readiness);
    const auto record = [&](const char* name, bool passed, double coverage, int findings) {
        std::ofstream(place.path() / name) << fmt::format(
            R"({{"at": "2026-11-2{}T08:00:00+00:00", "passed": {}, "observability": 100,
                 "patterns": {{"sanitizer@1": {{"coverage": {}, "findings": {}}},
                               "dockerfile@1": {{"coverage": null, "findings": null}}}}}})",
            findings,
            passed,
            coverage,
            findings
        );
    };
    record("first.json", true, 90, 0);
    record("second.json", false, 100, 2);
    const auto runs = read_runs(place.path());
    const auto figures = figures_of(sanitizer, runs);
    CHECK(figures.runs == 2);
    CHECK(figures.at == "2026-11-22T08:00:00+00:00");
    CHECK(figures.success_rate == 50.0);
    CHECK(figures.test_coverage == 95.0);
    CHECK(figures.security_level == 50.0);
    CHECK(*figures.readiness == Approx(20 + 28.5 + 10 + 10));
    const auto image = figures_of(*patterns.find("dockerfile"), runs);
    CHECK_FALSE(image.test_coverage);
    CHECK(*image.readiness == Approx((20 + 10) / 0.5));
    CHECK(figures_of(*patterns.find("health"), runs).runs == 0);
    std::ofstream(place.path() / "third.json") << "[]";
    CHECK_THROWS_WITH(read_runs(place.path()), Catch::Contains("third.json"));
}

TEST_CASE("patterns are found by words and category", "[generation]") {
    const pattern_library patterns;
    const auto found = search(patterns, {.text = "Rate LIMIT"}, {});
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().what->name == "rate_limit");
    for (const auto& each : search(patterns, {.in = category::observability}, {})) {
        CHECK(each.what->category == category::observability);
    }
    CHECK(search(patterns, {.text = "no such words"}, {}).empty());
    CHECK(search(patterns, {.top = 3}, {}).size() == 3);
    CHECK(search(patterns, {.production_ready = true}, {}).empty());
}

TEST_CASE(
    "the pattern of a decimal matches what its limits allow, and nothing else", "[generation]"
) {
    struct bounds {
        std::optional<double> min;
        std::optional<double> max;
        int places;
    };

    for (const auto& [min, max, places] : {
             bounds{0, 100, 2},
             bounds{25, 45, 1},
             bounds{0.01, {}, 2},
             bounds{{}, {}, 2},
             bounds{-90, 12.5, 1},
             bounds{-40, -7.05, 2},
             bounds{0, 7, 0},
             bounds{8.99, 109.09, 2},
         }) {
        field of;
        of.kind = kind::decimal;
        of.digits = 3 + places;
        of.places = places;
        of.min = min;
        of.max = max;
        const auto pattern = python::decimal_pattern(of);
        INFO(pattern);
        const double scale = std::pow(10, places);
        for (int i = -120'000; i <= 120'000; i += 7) {
            const double value = i / scale;
            const auto text = fmt::format("{:.{}f}", value, places);
            if (std::abs(value) >= 1000 || text == "-0" || text.starts_with("-0.0")) {
                continue;
            }
            const bool allowed = value >= min.value_or(-1000) && value <= max.value_or(1000);
            CAPTURE(text);
            REQUIRE(RE2::FullMatch(text, pattern) == allowed);
        }
        CHECK_FALSE(RE2::FullMatch("1.2345", pattern));
        CHECK_FALSE(RE2::FullMatch("007", pattern));
        CHECK_FALSE(RE2::FullMatch("", pattern));
    }
}
