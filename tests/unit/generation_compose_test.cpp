#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"
#include "generation/output.hpp"
#include "generation/python/layout.hpp"
#include "generation/python/literal.hpp"
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
