#include <string>

#include <catch2/catch.hpp>

#include <boost/json/serialize.hpp>

#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/condition.hpp"
#include "generation/model/near.hpp"
#include "generation/model/pattern_text.hpp"
#include "generation/model/read_model.hpp"
#include "tests/support/told.hpp"

using namespace teamflow::generation;
using teamflow::tests::lines;
using teamflow::tests::told;

namespace {

lines faults_of(std::string_view text, source_format format = source_format::yaml) {
    const auto read = read_model(text, format);
    return read ? lines{} : told(read.error());
}

std::string with_field(const std::string& field) {
    return "schema: 1\napp: { name: notes }\nentities:\n  Note:\n    fields:\n      " + field +
           "\n";
}

}  // namespace

TEST_CASE("a model's faults are all told, by path and line", "[generation]") {
    CHECK(
        faults_of("schema: 1\n"
                  "app: { name: notes, colour: red }\n"
                  "entities:\n"
                  "  Note:\n"
                  "    fields:\n"
                  "      title: { type: string, maximum: 5 }\n"
                  "      body: { nullable: 3 }\n") ==
        lines{
            "2: app.colour: unknown_field",
            "6: entities.Note.fields.title.maximum: unknown_field",
            "7: entities.Note.fields.body.nullable: wrong_type",
            "7: entities.Note.fields.body.type: required"
        }
    );
    CHECK(
        faults_of("schema: 1\n"
                  "app: { name: Notes, python: \"3.9\" }\n"
                  "entities:\n"
                  "  note:\n"
                  "    fields: { title: { type: string } }\n"
                  "  Tag:\n"
                  "    fields:\n"
                  "      class: { type: string }\n"
                  "      name: { type: strng }\n"
                  "      age: { type: int, min: 5, max: 1 }\n"
                  "    relations:\n"
                  "      note: { to: Nite, kind: many_to_one }\n") ==
        lines{
            "2: app.name: bad_name",
            "2: app.python: not_allowed",
            "4: entities.note: bad_name",
            "8: entities.Tag.fields.class: bad_name",
            "9: entities.Tag.fields.name.type: unknown_type",
            "10: entities.Tag.fields.age.max: out_of_range",
            "12: entities.Tag.relations.note.to: unknown_entity"
        }
    );
}

TEST_CASE("a text that is no model is refused with its line", "[generation]") {
    CHECK(faults_of("app: {\n") == lines{"2: : syntax"});
    CHECK(faults_of("a: 1\na: 2\n") == lines{"2: : not_a_model"});
    CHECK(faults_of("a: 1\n~: 2\n") == lines{"2: : not_a_model"});
    CHECK(faults_of("a: 1\n: 2\n") == lines{"2: : not_a_model"});
    CHECK(faults_of("a: &x 1\nb: *x\n") == lines{"1: : not_a_model"});
    CHECK(faults_of("a: !!python/object:os.system x\n") == lines{"1: : not_a_model"});
    CHECK(faults_of("a: \"\\0\"\n") == lines{"1: : not_a_model"});
    CHECK(faults_of("") == lines{"0: : empty"});
    CHECK(faults_of("{\"a\": 1, \"a\": 2}", source_format::json) == lines{"0: : syntax"});
    CHECK(faults_of(std::string(5'000'000, ' ')) == lines{"0: : too_large"});
    CHECK(faults_of("a: \xff\n") == lines{"0: : not_utf8"});
    std::string deep;
    for (int i = 0; i < 40; ++i) {
        deep += '[';
    }
    CHECK(faults_of(deep) == lines{"1: : not_a_model"});
}

TEST_CASE("what cannot become code is refused where it stands", "[generation]") {
    const auto field = [](const std::string& text) { return faults_of(with_field(text)); };
    CHECK(
        field("metadata: { type: string }") == lines{"6: entities.Note.fields.metadata: bad_name"}
    );
    CHECK(field("model_x: { type: string }") == lines{"6: entities.Note.fields.model_x: bad_name"});
    CHECK(field("\"a; b\": { type: string }") == lines{"6: entities.Note.fields.a; b: bad_name"});
    CHECK(
        field("pr\u0456ce: { type: int }") == lines{"6: entities.Note.fields.pr\u0456ce: bad_name"}
    );
    CHECK(
        field("a: { type: string, pattern: \"^.*$\" }") ==
        lines{"6: entities.Note.fields.a.pattern: bad_pattern"}
    );
    CHECK(
        field("a: { type: int, default: \"1; import os\" }") ==
        lines{"6: entities.Note.fields.a.default: not_allowed"}
    );
    CHECK(
        field("a: { type: int, description: \"two\\nlines\" }") ==
        lines{"6: entities.Note.fields.a.description: bad_text"}
    );
}

TEST_CASE("relations that go in a circle are explained", "[generation]") {
    const auto read = read_model(
        "schema: 1\n"
        "app: { name: loop }\n"
        "entities:\n"
        "  Hen:\n"
        "    fields: { name: { type: string } }\n"
        "    relations: { egg: { to: Egg, kind: many_to_one, required: true } }\n"
        "  Egg:\n"
        "    fields: { name: { type: string } }\n"
        "    relations: { hen: { to: Hen, kind: many_to_one, required: true } }\n",
        source_format::yaml
    );
    REQUIRE_FALSE(read.has_value());
    REQUIRE(read.error().size() == 1);
    CHECK(read.error()[0].line == 9);
    CHECK(read.error()[0].message.contains("Hen -> Egg -> Hen"));
}

TEST_CASE("the canonical form of every built-in domain reads as the same model", "[generation]") {
    REQUIRE_FALSE(domain_names().empty());
    for (const auto name : domain_names()) {
        const auto first = read_model(domain_source(name), source_format::yaml);
        REQUIRE(first.has_value());
        const std::string text = boost::json::serialize(canonical(*first));
        const auto second = read_model(text, source_format::json);
        REQUIRE(second.has_value());
        CHECK(*first == *second);
        CHECK(hash(*first) == hash(*second));
    }
}

TEST_CASE("what says nothing does not change the hash", "[generation]") {
    const auto plain = read_model(with_field("a: { type: int }"), source_format::yaml);
    const auto wordy = read_model(
        with_field("a: { type: int, nullable: false, unique: false }"), source_format::yaml
    );
    const auto other = read_model(with_field("a: { type: bigint }"), source_format::yaml);
    REQUIRE((plain.has_value() && wordy.has_value() && other.has_value()));
    CHECK(hash(*plain) == hash(*wordy));
    CHECK(hash(*plain) != hash(*other));
}

TEST_CASE("an entity has the operations that it names", "[generation]") {
    const auto with = [](const std::string& operations, const std::string& more = "") {
        return with_field("title: { type: string }") + "    api: { operations: " + operations +
               " }\n" + more;
    };
    const auto made = read_model(with("[create, list, get]"), source_format::yaml).value();
    const auto& note = made.entities.front();
    CHECK(note.can(operation::list));
    CHECK(note.can(operation::create));
    CHECK_FALSE(note.can(operation::delete_));
    CHECK(hash(made) == hash(read_model(with("[list, get, create]"), source_format::yaml).value()));
    CHECK(
        hash(read_model(with("[delete, list, get, create, update]"), source_format::yaml).value()
        ) == hash(read_model(with_field("title: { type: string }"), source_format::yaml).value())
    );
    CHECK(faults_of(with("[]")) == lines{"7: entities.Note.api.operations: empty"});
    CHECK(
        faults_of(with("[create, get, create]")) ==
        lines{"7: entities.Note.api.operations: duplicate"}
    );
    CHECK(
        faults_of(with("[create, erase]")) ==
        lines{"7: entities.Note.api.operations.1: not_allowed"}
    );
    CHECK(faults_of(with("[list]")) == lines{"3: entities: nothing_to_create"});
    CHECK(
        faults_of(with("[list]", "    audit: true\n  Tag: { fields: { name: { type: string } } }\n")
        ) == lines{"8: entities.Note.audit: not_allowed"}
    );
}

TEST_CASE("what counts changes needs some, and its own column", "[generation]") {
    const auto versioned = [](const std::string& field, const std::string& more) {
        return with_field(field) + "    versioned: true\n" + more;
    };
    CHECK(faults_of(versioned("title: { type: string }", "")).empty());
    CHECK(
        faults_of(versioned("version: { type: int }", "")) ==
        lines{"6: entities.Note.fields.version: name_collision"}
    );
    CHECK(
        faults_of(versioned("title: { type: string }", "    api: { operations: [create, get] }\n")
        ) == lines{"7: entities.Note.versioned: not_allowed"}
    );
}

TEST_CASE("conditions become SQL with every name and text quoted", "[generation]") {
    const auto sql = [](std::string_view text) {
        const auto parsed = condition::parse(text);
        return parsed ? parsed->sql() : "refused: " + parsed.error();
    };
    CHECK(sql("a <= 10") == R"("a" <= 10)");
    CHECK(
        sql("a<=-1.5 and (b is not null or c = 'it''s')") ==
        R"(("a" <= -1.5 AND (NOT ("b" IS NULL) OR "c" = 'it''s')))"
    );
    for (const char* hostile :
         {"a <= 10; drop table x",
          "a = ':x'",
          "a = 'x",
          "a",
          "a <",
          "(a = 1",
          "a = \"b\"",
          "pg_sleep(1) = 1",
          "a = 'b\\'",
          ""}) {
        INFO(hostile);
        CHECK(sql(hostile).starts_with("refused: "));
    }
    CHECK(sql(std::string(100, '(') + "a = 1").starts_with("refused: "));
}

TEST_CASE("a condition allows what it is not false for", "[generation]") {
    const auto parsed = condition::parse("a <= 10 or (b is null and not c = 'x')");
    REQUIRE(parsed.has_value());
    CHECK(parsed->allows({{"a", 9}, {"b", 1}, {"c", "x"}}));
    CHECK(parsed->allows({{"a", "10.0"}, {"b", 1}, {"c", "x"}}));
    CHECK_FALSE(parsed->allows({{"a", 11}, {"b", 1}, {"c", "y"}}));
    CHECK(parsed->allows({{"a", 11}, {"b", nullptr}, {"c", "y"}}));
    CHECK(parsed->allows({{"a", nullptr}, {"b", 1}, {"c", "y"}}));
}

TEST_CASE("texts are made up for patterns, as long as they may be", "[generation]") {
    CHECK(pattern_fault("^[A-Z][A-Z0-9_]*$").empty());
    CHECK(pattern_fault(R"(^(\+|00)[1-9]\d{6,14}$)").empty());
    for (const char* refused :
         {"abc",
          "^a",
          "^.$",
          "^[^a]$",
          R"(^\D$)",
          "^(?=a)$",
          "^a$b$",
          "^(a$",
          R"(^\x00$)",
          "^a*+$",
          "^\xC3\xA9$"}) {
        INFO(refused);
        CHECK_FALSE(pattern_fault(refused).empty());
    }
    const auto made = matching_text("^[A-Z][A-Z0-9_]*$", 5, 6, 3);
    REQUIRE(made.has_value());
    CHECK(made->size() >= 5);
    CHECK(matching_text("^[A-Z]{3}$", 0, 255, 1) != matching_text("^[A-Z]{3}$", 0, 255, 2));
    CHECK_FALSE(matching_text("^[A-Z]{3}$", 4, 10, 0).has_value());
}

TEST_CASE("rows for tests keep the checks, whichever way they compare fields", "[generation]") {
    const auto faults = [](const std::string& check) {
        return faults_of(with_field(
            "low: { type: int }\n      high: { type: int }\n    checks: { c: \"" + check + "\" }"
        ));
    };
    CHECK(faults("low < high").empty());
    CHECK(faults("low > high").empty());
    CHECK(faults("low = high").empty());
    CHECK(faults("low > 1000") == lines{"8: entities.Note.checks.c: no_samples"});
}

TEST_CASE("what is not known is told with what is near", "[generation]") {
    const std::vector<std::string_view> known{"title", "estimated_hours", "id"};
    CHECK(nearest("tilte", known) == "title");
    CHECK(nearest("EstimatedHours", known) == "estimated_hours");
    CHECK(nearest("colour", known).empty());
    CHECK(suggestion("colour", known) == " (known: title, estimated_hours, id)");
}
