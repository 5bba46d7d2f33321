#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <boost/json/serialize.hpp>

#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"
#include "generation/model/selection.hpp"
#include "tests/support/told.hpp"

using namespace teamflow::generation;
using teamflow::tests::lines;
using teamflow::tests::told;

namespace {

/// A leads to B, and B to C and to itself; D links to A.
const model& chain() {
    static const model made = read_model(
                                  "schema: 1\n"
                                  "app: { name: chain }\n"
                                  "enums: { Size: [small, large], Colour: [red, blue] }\n"
                                  "entities:\n"
                                  "  A:\n"
                                  "    fields: { size: { type: Size } }\n"
                                  "    relations: { b: { to: B, kind: many_to_one } }\n"
                                  "  B:\n"
                                  "    fields: { colour: { type: Colour } }\n"
                                  "    relations:\n"
                                  "      c: { to: C, kind: one_to_one }\n"
                                  "      above: { to: B, kind: many_to_one }\n"
                                  "  C:\n"
                                  "    fields: { word: { type: string } }\n"
                                  "  D:\n"
                                  "    fields: { word: { type: string } }\n"
                                  "    relations: { all: { to: A, kind: many_to_many } }\n",
                                  source_format::yaml
    )
                                  .value();
    return made;
}

lines entities_of(const model& of) {
    lines names;
    for (const auto& each : of.entities) {
        names.push_back(each.name);
    }
    return names;
}

}  // namespace

TEST_CASE("a selection has what it names and the enums that those use", "[selection]") {
    const auto alone = select_entities(chain(), {"C"}, false);
    REQUIRE(alone.has_value());
    CHECK(entities_of(alone->model) == lines{"C"});
    CHECK(alone->model.enums.empty());
    CHECK(alone->added.empty());
    const auto some = select_entities(chain(), {"C", "B"}, false);
    REQUIRE(some.has_value());
    CHECK(entities_of(some->model) == lines{"B", "C"});
    CHECK(some->model.enums.size() == 1);
    CHECK(some->model.find_enum("Colour") != nullptr);
}

TEST_CASE("what a selection leads out of is told, or taken along", "[selection]") {
    const auto open = select_entities(chain(), {"D", "A"}, false);
    REQUIRE_FALSE(open.has_value());
    CHECK(told(open.error()) == lines{"0: entities.A.relations.b: not_selected"});
    const auto whole = select_entities(chain(), {"D"}, true);
    REQUIRE(whole.has_value());
    CHECK(whole->model == chain());
    CHECK(whole->added == lines{"A", "B", "C"});
    const auto link = select_entities(chain(), {"D"}, false);
    REQUIRE_FALSE(link.has_value());
    CHECK(told(link.error()) == lines{"0: entities.D.relations.all: not_selected"});
}

TEST_CASE("names that a model does not have are all refused", "[selection]") {
    const auto unknown = select_entities(chain(), {"A", "a", "Z"}, true);
    REQUIRE_FALSE(unknown.has_value());
    CHECK(
        told(unknown.error()) ==
        lines{"0: entities.a: unknown_entity", "0: entities.Z: unknown_entity"}
    );
}

TEST_CASE("each part of the built-in domains is a model", "[selection]") {
    for (const auto domain : domain_names()) {
        const auto whole = read_model(domain_source(domain), source_format::yaml).value();
        for (const auto& each : whole.entities) {
            CAPTURE(domain, each.name);
            const auto part = select_entities(whole, {each.name}, true);
            REQUIRE(part.has_value());
            const auto again =
                read_model(boost::json::serialize(canonical(part->model)), source_format::json);
            REQUIRE(again.has_value());
            CHECK(*again == part->model);
        }
    }
}
