#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "generation/compose.hpp"
#include "generation/migration/tables.hpp"
#include "generation/model/read_model.hpp"
#include "generation/regeneration/revision.hpp"

using namespace teamflow::generation;

namespace {

model model_of(const std::string& entities, const std::string& auth = "none") {
    const std::string app = "schema: 1\napp: { name: notes, auth: " + auth + " }\n";
    return read_model(app + "entities:\n" + entities, source_format::yaml).value();
}

/// The text of the first migration.
std::string initial(const model& of) {
    static const pattern_library patterns;
    for (auto& file : compose(of, patterns)) {
        if (file.path == "alembic/versions/0001_initial.py") {
            return std::move(file.content);
        }
    }
    return "";
}

std::string joined(const std::vector<std::string>& statements) {
    std::string text;
    for (const auto& each : statements) {
        text += each + "\n";
    }
    return text;
}

/// `code path` of each warning.
std::vector<std::string> warned(const migration& of) {
    std::vector<std::string> all;
    all.reserve(of.warnings.size());
    for (const auto& each : of.warnings) {
        all.push_back(each.code + " " + each.path);
    }
    return all;
}

const std::string thing =
    "  Thing:\n    fields: { code: { type: string, unique: true }, name: { type: string } }\n";
const std::string tag = "  Tag:\n    id: tag\n    fields: { word: { type: string } }\n";

std::string linked(const std::string& link) {
    return tag + thing + "    relations: { " + link + " }\n";
}

}  // namespace

TEST_CASE("the tables of a model are those of its first migration", "[regeneration]") {
    for (const auto domain : domain_names()) {
        const auto of = read_model(domain_source(domain), source_format::yaml).value();
        const std::string text = initial(of);
        std::size_t names = 0;
        for (const auto& each : tables_of(of)) {
            CHECK(text.contains("    op.create_table(\n        \"" + each.name + "\","));
            for (const auto& constraint : each.constraints) {
                CHECK(text.contains("op.f(\"" + constraint.name + "\")"));
            }
            for (const auto& index : each.indexes) {
                CHECK(text.contains("op.f(\"" + index.name + "\")"));
            }
            names += each.constraints.size() + 2 * each.indexes.size();
        }
        std::size_t written = 0;
        for (auto at = text.find("op.f("); at != text.npos; at = text.find("op.f(", at + 1)) {
            ++written;
        }
        CHECK(names == written);
        CHECK(difference(of, of).value().empty());
    }
}

TEST_CASE("a soft delete comes and goes with its column and its indexes", "[regeneration]") {
    const auto hard = model_of(thing);
    const auto soft = model_of(thing + "    soft_delete: true\n");
    const auto on = difference(hard, soft).value();
    const std::string up = joined(on.upgrade);
    CHECK(up.contains(R"(op.drop_constraint(op.f("uq_things_code"), "things", type_="unique"))"));
    CHECK(up.contains(R"(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))"));
    CHECK(up.contains(R"(op.create_index(op.f("ix_things_deleted_at"), "things", ["deleted_at"])"));
    CHECK(up.contains(R"(postgresql_where=sa.text("deleted_at IS NULL"))"));
    CHECK(on.warnings.empty());

    const auto off = difference(soft, hard).value();
    CHECK(off.upgrade == on.downgrade);
    CHECK(off.downgrade == on.upgrade);
    CHECK(
        warned(off) ==
        std::vector<std::string>{
            "rows_return entities.Thing.soft_delete", "may_stop entities.Thing"
        }
    );
    CHECK(off.warnings[0].message.contains("delete from things first"));
}

TEST_CASE("rows that are there begin to count their changes at 1", "[regeneration]") {
    const auto plain = model_of(thing);
    const auto versioned = model_of(thing + "    versioned: true\n");
    const auto on = difference(plain, versioned).value();
    CHECK(
        joined(on.upgrade) == R"(    op.add_column("things", sa.Column("version", sa.Integer(), )"
                              R"(server_default=sa.text("1"), nullable=False)))"
                              "\n"
    );
    CHECK(joined(on.downgrade) == "    op.drop_column(\"things\", \"version\")\n");
    CHECK(on.warnings.empty());
    const auto off = difference(versioned, plain).value();
    CHECK(off.upgrade == on.downgrade);
    CHECK(off.warnings.empty());
}

TEST_CASE("the table of a link comes, goes, and takes other names", "[regeneration]") {
    const auto none = model_of(tag + thing);
    const auto tags = model_of(linked("tags: { to: Tag, kind: many_to_many, id: t }"));
    const auto added = difference(none, tags).value();
    CHECK(joined(added.upgrade).contains("    op.create_table(\n        \"things_tags\","));
    CHECK(added.warnings.empty());
    const auto gone = difference(tags, none).value();
    CHECK(joined(gone.upgrade) == "    op.drop_table(\"things_tags\")\n");
    CHECK(warned(gone) == std::vector<std::string>{"data_loss entities.Thing.relations.tags"});

    for (const std::string link :
         {"labels: { to: Tag, kind: many_to_many, id: t }",
          "tags: { to: Tag, kind: many_to_many, through: labels_of_things, id: t }"}) {
        const auto other = difference(tags, model_of(linked(link))).value();
        const std::string text = joined(other.upgrade) + joined(other.downgrade);
        CHECK(text.contains("op.rename_table(\"things_tags\", "));
        CHECK_FALSE(text.contains("create_"));
        CHECK_FALSE(text.contains("drop_"));
        CHECK(other.warnings.empty());
    }

    std::string renamed = linked("tags: { to: Word, kind: many_to_many, id: t }");
    renamed.replace(renamed.find("Tag"), 3, "Word");
    const auto kept = difference(tags, model_of(renamed)).value();
    const std::string text = joined(kept.upgrade);
    CHECK(text.contains(R"(op.alter_column("things_tags", "tag_id", new_column_name="word_id"))"));
    CHECK_FALSE(text.contains("create_table"));
    CHECK(kept.warnings.empty());

    const auto itself = model_of(linked("tags: { to: Thing, kind: many_to_many, id: t }"));
    const auto elsewhere = difference(tags, itself).value();
    CHECK(joined(elsewhere.upgrade).contains("op.drop_table(\"things_tags\")"));
    CHECK(warned(elsewhere) == std::vector<std::string>{"data_loss entities.Thing.relations.tags"});
}

TEST_CASE("the tables of audit and login go when nobody needs them", "[regeneration]") {
    const auto plain = model_of(tag + thing);
    const auto audited = model_of(tag + thing + "    audit: true\n");
    const auto on = difference(plain, audited).value();
    CHECK(joined(on.upgrade).contains("    op.create_table(\n        \"audit_entries\","));
    CHECK(on.warnings.empty());
    CHECK(
        warned(difference(audited, plain).value()) ==
        std::vector<std::string>{"data_loss entities.Thing.audit"}
    );
    const auto both = model_of(tag + "    audit: true\n" + thing + "    audit: true\n");
    CHECK(difference(audited, both).value().empty());

    const auto closed = model_of(tag + thing, "jwt");
    CHECK(joined(difference(plain, closed).value().upgrade).contains("\"auth_users\","));
    CHECK(
        warned(difference(closed, plain).value()) == std::vector<std::string>{"data_loss app.auth"}
    );
}
