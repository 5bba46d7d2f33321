#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include "generation/compose.hpp"
#include "generation/exchange/exchange.hpp"
#include "generation/model/read_model.hpp"
#include "tests/support/told.hpp"

using namespace teamflow::generation;
using teamflow::tests::lines;
using teamflow::tests::told;

namespace {

/// All that SQL says of a model, which is all that a table has.
std::string tables_text(const model& of) {
    return export_model(of, exchange_format::sql);
}

model read_back(std::expected<imported, faults> made) {
    REQUIRE(made.has_value());
    CHECK(told(made->notes).empty());
    auto read = read_model(made->document);
    if (!read) {
        FAIL(to_string(read.error().front()));
    }
    return std::move(*read);
}

}  // namespace

TEST_CASE("a built-in domain goes to SQL and DBML and back", "[exchange]") {
    const auto of = read_model(domain_source("simple_task_api"), source_format::yaml).value();
    const auto sql = export_model(of, exchange_format::sql);
    CHECK(export_model(read_back(import_sql(sql, "x")), exchange_format::sql) == sql);
    const auto dbml = export_model(of, exchange_format::dbml);
    CHECK(export_model(read_back(import_dbml(dbml, "x")), exchange_format::dbml) == dbml);
    CHECK(export_model(read_back(import_dbml(dbml, "x")), exchange_format::sql) == sql);
}

namespace {

/// An entity of columns that SQL can tell all about.
std::string some_entity(const std::string& name, bool has_relation) {
    static const std::vector<std::string> kinds{
        "{ type: string, max: 40, unique: true }",
        "{ type: string, max: 7, index: true, default: \"it's\" }",
        "{ type: text, nullable: true, description: 'A \"word\" or \\ two' }",
        "{ type: int, min: -5, max: 100, default: -3 }",
        "{ type: bigint, nullable: true }",
        "{ type: float, nullable: true }",
        "{ type: decimal, digits: 9, places: 3, default: \"-1.500\" }",
        "{ type: bool, default: true }",
        "{ type: date, nullable: true, index: true }",
        "{ type: datetime }",
        "{ type: time, nullable: true }",
        "{ type: uuid, unique: true }",
        "{ type: json, nullable: true }",
        "{ type: Mood, default: so-so }",
    };
    std::string text = "  " + name + ":\n    fields:\n";
    const auto count = *rc::gen::inRange(1, 7);
    for (int i = 0; i < count; ++i) {
        text += "      field_" + std::to_string(i) + ": " + *rc::gen::elementOf(kinds) + "\n";
    }
    if (has_relation) {
        text += "    relations: { of: { to: Author, kind: " +
                *rc::gen::element<std::string>("many_to_one", "one_to_one") + ", on_delete: " +
                *rc::gen::element<std::string>("restrict", "cascade", "set_null") + " } }\n";
    }
    return text;
}

}  // namespace

TEST_CASE("tables lose nothing on the way to SQL and back", "[exchange][property]") {
    rc::prop("whatever they have", [] {
        const std::string text =
            "schema: 1\napp: { name: library }\n"
            "enums: { Mood: [good, so-so] }\nentities:\n" +
            some_entity("Author", false) + some_entity("Book", true);
        const auto of = read_model(text, source_format::yaml);
        RC_ASSERT(of.has_value());
        const auto sql = import_sql(export_model(*of, exchange_format::sql), "library");
        RC_ASSERT(sql.has_value());
        auto again = read_model(sql->document);
        RC_ASSERT(again.has_value());
        RC_ASSERT(tables_text(*again) == tables_text(*of));
        const auto dbml = import_dbml(export_model(*of, exchange_format::dbml), "library");
        RC_ASSERT(dbml.has_value());
        again = read_model(dbml->document);
        RC_ASSERT(again.has_value());
        RC_ASSERT(tables_text(*again) == tables_text(*of));
    });
}

TEST_CASE("tables of PostgreSQL become a model", "[exchange]") {
    const auto made = import_sql(
        "CREATE TYPE mood AS ENUM ('good', 'so-so');\n"
        "CREATE TABLE authors (\n"
        "  id uuid PRIMARY KEY,\n"
        "  name varchar(80) NOT NULL UNIQUE,\n"
        "  born date\n"
        ");\n"
        "CREATE TABLE books (\n"
        "  id uuid PRIMARY KEY,\n"
        "  title varchar(200) NOT NULL,\n"
        "  author_id uuid NOT NULL REFERENCES authors (id) ON DELETE CASCADE,\n"
        "  mood mood DEFAULT 'good',\n"
        "  depth int CHECK (depth > -5 AND depth IS NOT NULL),\n"
        "  price numeric(8, 2) NOT NULL DEFAULT 1.50\n"
        ");\n"
        "CREATE INDEX ON books (title);\n"
        "COMMENT ON TABLE books IS 'What is read.';\n",
        "library"
    );
    REQUIRE(made.has_value());
    CHECK(made->notes.empty());
    const auto read = read_model(made->document);
    if (!read) {
        FAIL(to_string(read.error().front()));
    }
    const auto* const book = read->find_entity("Book");
    REQUIRE(book != nullptr);
    CHECK(book->description == "What is read.");
    CHECK(book->find_field("title")->index.value);
    CHECK(book->find_field("title")->max == 200);
    CHECK(book->find_field("mood")->type == "Mood");
    CHECK(book->find_field("price")->initial == boost::json::value("1.50"));
    CHECK(book->find_relation("author")->required.value);
    CHECK(book->find_relation("author")->on_delete.value == on_delete::cascade);
    REQUIRE(book->checks.size() == 1);
    CHECK(book->checks[0].second == "(depth > -5 and depth is not null)");
    CHECK(read->find_entity("Author")->find_field("name")->unique.value);
}

TEST_CASE("what an importer cannot take is told with its line", "[exchange]") {
    const auto sql = [](const char* text) {
        const auto made = import_sql(text, "x");
        return made ? lines{} : told(made.error());
    };
    CHECK(sql("create table a (\n  id uuid primary key,\n  b intt(\n);") == lines{"4: : syntax"});
    CHECK(
        sql("create table a (\n  id uuid primary key,\n  b point\n);") ==
        lines{"3: a.b: not_imported"}
    );
    CHECK(
        sql("create table a (x uuid, y uuid, primary key (x, y));") == lines{"1: a: not_imported"}
    );
    CHECK(sql("select 1;") == lines{"0: : not_imported"});
    const auto dbml = [](const char* text) {
        const auto made = import_dbml(text, "x");
        return made ? lines{} : told(made.error());
    };
    CHECK(dbml("Table a {\n  id uuid [pk]\n  b\n}") == lines{"4: : syntax"});
    CHECK(dbml("Table a {\n  id uuid [pk]\n  b int [note: 'x]\n}") == lines{"3: : syntax"});
    CHECK(dbml("Table a { id uuid [pk] }\nRef: a.x > a.id") == lines{"2: a.x: not_imported"});
    CHECK(dbml("Table a { id uuid [pk] }\nRef: a.id <> b.id") == lines{"2: a: not_imported"});
    CHECK(dbml("/* never\nended") == lines{"1: : syntax"});
}

TEST_CASE("links of many to many are tables of two keys, and relations elsewhere", "[exchange]") {
    const auto of =
        read_model(
            "schema: 1\napp: { name: x }\nentities:\n"
            "  Tag: { fields: { word: { type: text } } }\n"
            "  Post:\n    fields: { body: { type: text } }\n    relations:\n"
            "      tags: { to: Tag, kind: many_to_many, description: What it is about }\n"
            "      related: { to: Post, kind: many_to_many, through: related_posts }\n",
            source_format::yaml
        )
            .value();
    const auto sql = export_model(of, exchange_format::sql);
    CHECK(sql.contains(R"(PRIMARY KEY ("post_id", "tag_id"))"));
    CHECK(read_back(import_sql(sql, "x")) == of);
    const auto dbml = export_model(of, exchange_format::dbml);
    CHECK(dbml.contains(R"(("post_id", "related_id") [pk])"));
    CHECK(read_back(import_dbml(dbml, "x")) == of);
    // JDL names no table and has no descriptions here.
    const auto jdl = export_model(of, exchange_format::jdl);
    const auto from_jdl = read_back(import_jdl(jdl, "x"));
    CHECK(from_jdl.find_entity("Post")->find_link("related")->to == "Post");
    CHECK(export_model(from_jdl, exchange_format::jdl) == jdl);
    CHECK(export_model(of, exchange_format::mermaid).contains("    Post }o--o{ Tag : tags\n"));
    const auto other = read_back(import_dbml(
        "Table a { id uuid [pk]\n x text }\nTable b { id uuid [pk]\n x text }\n"
        "Ref: a.id <> b.id",
        "x"
    ));
    CHECK(other.find_entity("A")->find_link("b")->to == "B");
    const auto jdl_sides = import_jdl(
        "entity A { x String }\nentity B { x String }\n"
        "relationship ManyToMany { A{bs required} to B{as} }",
        "x"
    );
    REQUIRE(jdl_sides.has_value());
    CHECK(told(jdl_sides->notes) == lines{"3: A: note", "3: B.as: note"});
    const auto more = import_sql(
        "create table a (id uuid primary key);\n"
        "create table b (x uuid references a, y uuid references a, z int, primary key (x, y));",
        "x"
    );
    REQUIRE_FALSE(more.has_value());
    CHECK(told(more.error()) == lines{"2: b: not_imported"});
}

TEST_CASE("what becomes something else is noted", "[exchange]") {
    const auto made = import_sql(
        "create table notes (\n"
        "  id serial primary key,\n"
        "  body text default upper('x'),\n"
        "  check (length(body) > 1)\n"
        ");\n"
        "grant select on notes to public;\n",
        "Not A Name"
    );
    REQUIRE(made.has_value());
    CHECK(
        told(made->notes) ==
        lines{"2: notes.id: note", "3: notes.body: note", "4: notes: note", "6: : note"}
    );
    CHECK(read_model(made->document)->app.name == "imported");
    const auto dbml = import_dbml(
        "Project p { database_type: 'PostgreSQL' }\n"
        "Table shop.things as T [headercolor: #fff] {\n"
        "  id uuid [pk]\n"
        "  name varchar(20) [not null, default: 'it\\'s', note: 'what \"it\" is']\n"
        "  at timestamptz [default: `now()`]\n"
        "  Note: '''all of it'''\n"
        "}\n",
        "shop"
    );
    REQUIRE(dbml.has_value());
    CHECK(told(dbml->notes) == lines{"1: Project: note", "5: things.at: note"});
    const auto read = read_model(dbml->document);
    REQUIRE(read.has_value());
    CHECK(read->find_entity("Thing")->find_field("name")->initial == boost::json::value("it's"));
    CHECK(read->find_entity("Thing")->description == "all of it");
}

TEST_CASE("JDL is read", "[exchange]") {
    const auto of = read_model(domain_source("simple_task_api"), source_format::yaml).value();
    const auto text = export_model(of, exchange_format::jdl);
    CHECK(export_model(read_back(import_jdl(text, "x")), exchange_format::jdl) == text);
    const auto made = import_jdl(
        "/** What\n * people do. */\n"
        "@readOnly\n"
        "entity JobTitle (titles) {\n"
        "  shortName String required minlength(2) maxlength(9) pattern(/^[a-z\\/]+$/) // why\n"
        "  kind JobKind, pay BigDecimal min(0)\n"
        "}\n"
        "enum JobKind { PART_TIME (half), FULL }\n"
        "entity Person\n"
        "relationship OneToMany { Person{jobTitle} to JobTitle{owner(name) required} }\n"
        "paginate * with pagination\n",
        "work"
    );
    REQUIRE(made.has_value());
    CHECK(told(made->notes) == lines{"11: paginate: note"});
    const auto& entities = made->document.value.at("entities").as_object();
    const auto& title = entities.at("JobTitle").as_object();
    const auto& name = title.at("fields").at("short_name").as_object();
    CHECK(name.at("pattern") == "^[a-z/]+$");
    CHECK(name.at("max") == 9);
    CHECK(title.at("fields").at("kind").at("type") == "JobKind");
    CHECK(title.at("description") == "What people do.");
    CHECK(title.at("relations").at("owner").at("to") == "Person");
    CHECK(title.at("relations").at("owner").at("required") == true);
    const auto jdl = [](const char* written) {
        const auto read = import_jdl(written, "x");
        return read ? lines{} : told(read.error());
    };
    CHECK(jdl("entity A {\n  a Strin\n}") == lines{"2: A.a: not_imported"});
    CHECK(jdl("entity A {\n  a String min(x)\n}") == lines{"2: : syntax"});
    CHECK(jdl("entity A\nrelationship ManyToMany { A to B }") == lines{"2: A: not_imported"});
    CHECK(jdl("entity A {\n  a String") == lines{"2: : syntax"});
}

TEST_CASE("diagrams and JDL name everything", "[exchange]") {
    const auto of = read_model(domain_source("simple_task_api"), source_format::yaml).value();
    const auto mermaid = export_model(of, exchange_format::mermaid);
    CHECK(mermaid.contains("    Project ||--o{ Task : project\n"));
    CHECK(mermaid.contains("        string key UK\n"));
    const auto jdl = export_model(of, exchange_format::jdl);
    CHECK(jdl.contains("  estimatedHours BigDecimal min(0),\n"));
    CHECK(jdl.contains("  Task{project required} to Project\n"));
    CHECK(jdl.contains("  LOW,\n"));
}
