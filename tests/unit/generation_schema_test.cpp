#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "generation/exchange/exchange.hpp"
#include "generation/model/read_model.hpp"
#include "tests/support/told.hpp"

using namespace teamflow::generation;
using teamflow::tests::lines;
using teamflow::tests::told;

namespace {

namespace bj = boost::json;

std::expected<imported, faults> import_yaml(std::string_view text) {
    const auto from = parse_source(text, source_format::yaml);
    REQUIRE(from.has_value());
    REQUIRE(is_schema(*from));
    return import_schema(*from, "shop");
}

model model_from(const imported& made) {
    auto read = read_model(made.document);
    if (!read) {
        FAIL(to_string(read.error().front()));
    }
    return std::move(*read);
}

/// The field `x` of a model from a JSON Schema with this property.
bj::value field_from(std::string_view property, bool required = true) {
    const std::string text = R"({"$defs": {"Thing": {"properties": {"x": )" +
                             std::string(property) + "}, \"required\": [" +
                             (required ? "\"x\"" : "") + "]}}}";
    const auto from = parse_source(text, source_format::json);
    REQUIRE(from.has_value());
    const auto made = import_schema(*from, "app");
    if (!made) {
        return bj::value(to_string(made.error().front()));
    }
    return made->document.value.at("entities").at("Thing").at("fields").at("x");
}

bj::value json_of(std::string_view text) {
    return bj::parse(text);
}

}  // namespace

namespace {

constexpr std::string_view pets = R"(openapi: 3.0.3
info: { title: Pets and what they cost, version: 1.0.0 }
paths: { /pets: {} }
components:
  schemas:
    Pet:
      description: |
        An animal
        that is for sale.
      required: [name, category, status]
      properties:
        id: { type: integer, format: int64 }
        name: { type: string, minLength: 1, maxLength: 40, pattern: "^[a-z]+$" }
        photoUrl: { type: string, format: uri }
        category: { $ref: "#/components/schemas/Category" }
        tags: { type: array, items: { $ref: "#/components/schemas/Tag" } }
        status: { type: string, enum: [AVAILABLE, so-so], default: AVAILABLE }
        size: { $ref: "#/components/schemas/Size" }
        notes: { type: array, items: { type: string } }
        created_at: { type: string, format: date-time }
    Category:
      properties:
        id: { type: string, format: uuid }
        name: { type: string }
        pets: { type: array, items: { $ref: "#/components/schemas/Pet" } }
    Tag:
      properties: { id: { type: integer }, name: { type: string, maxLength: 20 } }
    Order:
      required: [petId, price]
      properties:
        id: { type: integer }
        petId: { type: integer, description: What was sold. }
        price: { type: number, multipleOf: 0.01, minimum: 0, exclusiveMinimum: true }
        customer: { $ref: "#/components/schemas/Customer" }
    Customer: { type: object, properties: { name: { type: string } } }
    Size: { type: string, enum: [s, m, l] }
)";

}  // namespace

TEST_CASE("OpenAPI becomes entities, relations, links and enums", "[exchange]") {
    const auto made = import_yaml(pets);
    REQUIRE(made.has_value());
    CHECK(
        told(made->notes) ==
        lines{
            "3: paths: note",
            "12: components.schemas.Pet.properties.id: note",
            "14: components.schemas.Pet.properties.photoUrl: note",
            "16: components.schemas.Pet.properties.tags: note",
            "17: components.schemas.Pet.properties.status: note",
            "19: components.schemas.Pet.properties.notes: note",
            "25: components.schemas.Category.properties.pets: note",
            "27: components.schemas.Tag.properties.id: note",
            "31: components.schemas.Order.properties.id: note",
            "32: components.schemas.Order.properties.petId: note",
            "34: components.schemas.Order.properties.customer: note",
            "35: components.schemas.Customer: note",
        }
    );
    const auto of = model_from(*made);
    CHECK(of.app.name == "shop");
    CHECK(of.app.title == "Pets and what they cost");
    CHECK(of.find_enum("PetStatus")->values == lines{"available", "so-so"});
    CHECK(of.find_enum("Size")->values == lines{"s", "m", "l"});
    const auto& pet = *of.find_entity("Pet");
    CHECK(pet.description == "An animal that is for sale.");
    CHECK(pet.find_field("name")->pattern == "^[a-z]+$");
    CHECK_FALSE(pet.find_field("name")->nullable.value);
    CHECK(pet.find_field("photo_url")->type == "url");
    CHECK(pet.find_field("photo_url")->nullable.value);
    CHECK(pet.find_field("status")->initial == bj::value("available"));
    CHECK(pet.find_field("size")->type == "Size");
    CHECK(pet.find_field("notes")->type == "json");
    CHECK(pet.find_field("created_at") == nullptr);
    CHECK(pet.find_relation("category")->required.value);
    CHECK(pet.find_link("tags")->to == "Tag");
    CHECK(of.find_entity("Category")->links.empty());
    const auto& order = *of.find_entity("Order");
    CHECK(order.find_relation("pet")->to == "Pet");
    CHECK(order.find_relation("pet")->description == "What was sold.");
    CHECK(order.find_field("customer")->type == "json");
    CHECK(order.find_field("price")->places == 2);
    REQUIRE(order.checks.size() == 1);
    CHECK(order.checks[0].second == "price > 0");
    CHECK(of.find_entity("Customer") == nullptr);
}

TEST_CASE("each kind of schema has its type", "[exchange]") {
    const auto is = [](std::string_view property, std::string_view wanted) {
        CAPTURE(property);
        CHECK(bj::serialize(field_from(property)) == bj::serialize(json_of(wanted)));
    };
    is(R"({"type": "string"})", R"({"type": "text"})");
    is(R"({"type": "string", "maxLength": 9})", R"({"type": "string", "max": 9})");
    is(R"({"type": "string", "maxLength": 5000})", R"({"type": "text", "max": 5000})");
    is(R"({"type": "string", "maxLength": 500000})", R"({"type": "text"})");
    is(R"({"type": "string", "pattern": "^a+$"})",
       R"({"type": "string", "pattern": "^a+$", "max": 2000})");
    is(R"({"type": "string", "pattern": "no anchor"})", R"({"type": "text"})");
    is(R"({"type": "string", "format": "date"})", R"({"type": "date"})");
    is(R"({"type": "string", "format": "date-time"})", R"({"type": "datetime"})");
    is(R"({"type": "string", "format": "email"})", R"({"type": "email"})");
    is(R"({"type": "string", "format": "binary"})", R"({"type": "bytes-ref"})");
    is(R"({"type": "string", "format": "ipv4"})", R"({"type": "text"})");
    is(R"({"type": "integer"})", R"({"type": "int"})");
    is(R"({"type": "integer", "format": "int64"})", R"({"type": "bigint"})");
    is(R"({"type": "integer", "maximum": 3000000000})", R"({"type": "bigint", "max": 3000000000})");
    is(R"({"type": "integer", "exclusiveMinimum": 0, "maximum": 2147483647})",
       R"({"type": "int", "min": 1})");
    is(R"({"type": "integer", "minimum": 0.5, "exclusiveMaximum": 9.5})",
       R"({"type": "int", "min": 1, "max": 9})");
    is(R"({"type": "number", "minimum": -1.5})", R"({"type": "float", "min": -1.5})");
    is(R"({"type": "number", "multipleOf": 0.001})", R"({"type": "decimal", "places": 3})");
    is(R"({"type": "number", "multipleOf": 3})", R"({"type": "float"})");
    is(R"({"type": "number", "multipleOf": 0.1, "default": 1.5})",
       R"({"type": "decimal", "places": 1, "default": "1.5"})");
    is(R"({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9]$"}]})",
       R"({"type": "decimal", "min": 0.0})");
    is(R"({"type": "boolean", "default": true})", R"({"type": "bool", "default": true})");
    is(R"({"type": "object"})", R"({"type": "json"})");
    is(R"({"type": ["string", "integer"]})", R"({"type": "json"})");
    is(R"({"oneOf": [{"type": "boolean"}, {"type": "object"}]})", R"({"type": "json"})");
    is("true", R"({"type": "json"})");
    is(R"({"const": "on"})", R"({"type": "ThingX"})");
    is(R"({"oneOf": [{"const": "on"}, {"enum": ["off"]}], "default": "off"})",
       R"({"type": "ThingX", "default": "off"})");
    is(R"({"type": "integer", "enum": [1, 2]})", R"({"type": "int"})");
}

TEST_CASE("a schema may allow null in four ways", "[exchange]") {
    const auto nullable = [](std::string_view property, bool required = true) {
        const auto made = field_from(property, required);
        return made.as_object().contains("nullable");
    };
    CHECK_FALSE(nullable(R"({"type": "boolean"})"));
    CHECK(nullable(R"({"type": "boolean", "nullable": true})"));
    CHECK(nullable(R"({"type": ["boolean", "null"]})"));
    CHECK(nullable(R"({"anyOf": [{"type": "boolean"}, {"type": "null"}]})"));
    CHECK(nullable(R"({"enum": ["a", null]})"));
    // So is what may be missing, if nothing stands there by default.
    CHECK(nullable(R"({"type": "boolean"})", false));
    CHECK_FALSE(nullable(R"({"type": "boolean", "default": false})", false));
}

TEST_CASE("what a schema refers to counts with what it says itself", "[exchange]") {
    const auto made = import_yaml(R"($schema: https://json-schema.org/draft/2020-12/schema
title: work item
allOf: [{ $ref: "#/$defs/titled" }]
properties:
  title: { maxLength: 30 }
  parent: { anyOf: [{ $ref: "#" }, { type: "null" }] }
  children: { type: array, items: { $ref: "#" } }
  owner: { allOf: [{ $ref: "#/$defs/person" }], description: Who does it. }
  contact: { $ref: "#/$defs/mail", description: Whom to ask. }
required: [title, owner]
$defs:
  titled:
    properties:
      id: { $ref: "#/$defs/key" }
      title: { type: string, minLength: 2, description: A name. }
    required: [id]
  person:
    $ref: "#/$defs/titled"
    properties: { mail: { $ref: "#/$defs/mail" } }
  mail: { type: string, format: email, description: An address. }
  key: { type: string, format: uuid }
)");
    REQUIRE(made.has_value());
    const auto of = model_from(*made);
    REQUIRE(of.entities.size() == 3);
    const auto& item = *of.find_entity("WorkItem");
    CHECK(item.find_field("title")->max == 30);
    CHECK(item.find_field("title")->min == 2);
    CHECK(item.find_field("title")->description == "A name.");
    CHECK(item.find_field("contact")->type == "email");
    CHECK(item.find_field("contact")->description == "Whom to ask.");
    CHECK(item.find_relation("parent")->to == "WorkItem");
    CHECK(item.find_relation("owner")->to == "Person");
    CHECK(item.find_relation("owner")->required.value);
    CHECK(item.find_relation("owner")->description == "Who does it.");
    CHECK(item.links.empty());
    CHECK(of.find_entity("Person")->find_field("title") != nullptr);
    CHECK(of.find_entity("Person")->find_field("mail")->description == "An address.");
}

TEST_CASE("a schema that cannot be read is refused with its place", "[exchange]") {
    const auto refused = [](std::string_view property) {
        const std::string text =
            "$defs:\n  Thing:\n    properties:\n      x: " + std::string(property) + "\n";
        const auto made = import_yaml(text);
        return made ? lines{} : told(made.error());
    };
    const std::string x = "4: $defs.Thing.properties.x";
    CHECK(refused("12") == lines{x + ": wrong_type"});
    CHECK(refused("{ type: strin }") == lines{x + ".type: unknown_type"});
    CHECK(refused("{ type: string, maxLength: many }") == lines{x + ".maxLength: wrong_type"});
    CHECK(refused("{ type: string, maxLength: -1 }") == lines{x + ".maxLength: out_of_range"});
    CHECK(refused("{ type: string, pattern: 7 }") == lines{x + ".pattern: wrong_type"});
    CHECK(refused("{ type: integer, minimum: low }") == lines{x + ".minimum: wrong_type"});
    CHECK(refused("{ enum: a }") == lines{x + ".enum: wrong_type"});
    CHECK(refused("{ enum: [] }") == lines{x + ".enum: wrong_type"});
    CHECK(refused("{ type: string, nullable: maybe }") == lines{x + ".nullable: wrong_type"});
    CHECK(refused("{ type: string, readOnly: 1 }") == lines{x + ".readOnly: wrong_type"});
    CHECK(refused("{ allOf: {} }") == lines{x + ".allOf: wrong_type"});
    CHECK(refused("{ allOf: [3] }") == lines{x + ".allOf.0: wrong_type"});
    CHECK(refused("{ $ref: other.yaml }") == lines{x + ".$ref: unknown_reference"});
    CHECK(refused("{ $ref: '#/$defs/Thin' }") == lines{x + ".$ref: unknown_reference"});
    CHECK(refused("{ $ref: '#/$defs/Thing/properties/x' }") == lines{x + ": cycle"});
    CHECK(
        refused("{ type: string, maxLength: many }\n      y: { type: 1 }") ==
        lines{x + ".maxLength: wrong_type", "5: $defs.Thing.properties.y.type: unknown_type"}
    );
    CHECK(refused("{ type: string }\n      X: { type: string }").size() == 1);
    const auto whole = [](std::string_view text) {
        const auto made = import_yaml(text);
        return made ? lines{} : told(made.error());
    };
    CHECK(whole("swagger: '2.0'").front() == "0: : not_imported");
    CHECK(whole("openapi: 3.1").back() == "1: openapi: not_imported");
    CHECK(whole("$defs: { A: { type: string } }") == lines{"0: : not_imported"});
    CHECK(
        whole("$defs:\n  a b: { properties: {} }\n  A-B: { properties: {} }") ==
        lines{"3: $defs.A-B: name_collision"}
    );
}

TEST_CASE("what a schema says besides is noted with its place", "[exchange]") {
    const auto notes = [](std::string_view property) {
        const std::string text =
            "$defs:\n  Thing:\n    properties:\n      x: " + std::string(property) + "\n";
        const auto made = import_yaml(text);
        REQUIRE(made.has_value());
        lines all;
        for (const auto& each : made->notes) {
            all.push_back(each.path + ": " + each.message);
        }
        return all;
    };
    const std::string x = "$defs.Thing.properties.x";
    CHECK(notes("{ type: string, x-order: 1, title: X, example: a }").empty());
    CHECK(notes("{ type: string, not: {} }") == lines{x + ".not: is left out"});
    CHECK(
        notes("{ type: string, maxLenght: 3 }") ==
        lines{x + ".maxLenght: is no keyword, and left out (did you mean `maxLength`?)"}
    );
    CHECK(notes("{ type: string, format: ipv4 }") == lines{x + ".format: is left out"});
    CHECK(notes("{ type: integer, readOnly: true }") == lines{x + ".readOnly: is left out"});
    CHECK(notes("{ type: object, default: {} }").size() == 2);
    CHECK(notes("true") == lines{x + ": is of no single type, and becomes json"});
}

TEST_CASE("names that a model cannot have become others", "[exchange]") {
    const auto made = import_yaml(
        "$defs:\n  List: { properties: { offset: { type: integer }, class: { type: boolean } } }\n"
        "  list-mode: { enum: [a] }\n"
    );
    REQUIRE(made.has_value());
    const auto of = model_from(*made);
    CHECK(of.find_entity("ListRecord")->find_field("offset_value")->type == "int");
    CHECK(of.find_entity("ListRecord")->find_field("class_value")->type == "bool");
    CHECK(of.find_enum("ListMode") != nullptr);
    CHECK(made->notes.size() == 4);
}

TEST_CASE("a document is a schema or a model", "[exchange]") {
    const auto told_apart = [](std::string_view text) {
        return is_schema(*parse_source(text, source_format::yaml));
    };
    CHECK(told_apart("openapi: 3.1.0"));
    CHECK(told_apart("{ type: object, properties: {} }"));
    CHECK_FALSE(told_apart("{ schema: 1, app: {}, entities: {} }"));
    CHECK_FALSE(told_apart("{ entities: {}, definitions: {} }"));
    CHECK_FALSE(told_apart("[1]"));
}

namespace {

/// A schema of any shape, with keywords that mean something and values that need not.
rc::Gen<bj::value> any_schema(int depth) {
    static const std::vector<std::string> keywords{
        "type",
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "properties",
        "required",
        "enum",
        "const",
        "format",
        "minimum",
        "maxLength",
        "nullable",
        "items",
        "default",
        "multipleOf",
        "pattern",
        "description",
        "exclusiveMinimum",
        "id"
    };
    static const std::vector<std::string> texts{
        "string",
        "integer",
        "number",
        "null",
        "array",
        "object",
        "#",
        "#/$defs/a",
        "#/$defs/b",
        "date",
        "x"
    };
    auto leaf = rc::gen::oneOf(
        rc::gen::map(
            rc::gen::elementOf(texts), [](const std::string& of) { return bj::value(of); }
        ),
        rc::gen::map(rc::gen::inRange(-3, 90), [](int of) { return bj::value(of); }),
        rc::gen::element(bj::value(true), bj::value(nullptr), bj::value(0.01))
    );
    if (depth == 0) {
        return leaf;
    }
    const auto inner = any_schema(depth - 1);
    const auto list =
        rc::gen::map(rc::gen::container<std::vector<bj::value>>(3, inner), [](const auto& of) {
            return bj::value(bj::array(of.begin(), of.end()));
        });
    const auto object = rc::gen::map(
        rc::gen::container<std::vector<std::pair<std::string, bj::value>>>(
            4, rc::gen::pair(rc::gen::elementOf(keywords), inner)
        ),
        [](const auto& of) {
            bj::object made;
            for (const auto& [key, value] : of) {
                made[key] = value;
            }
            return bj::value(made);
        }
    );
    return rc::gen::weightedOneOf<bj::value>({{2, leaf}, {1, list}, {5, object}});
}

}  // namespace

TEST_CASE("any document is read or refused with places that are there", "[exchange][property]") {
    rc::prop("whatever it holds", [] {
        const source from{
            bj::object{
                {"$defs", bj::object{{"a", *any_schema(3)}, {"b", *any_schema(3)}}},
                {"properties", bj::object{{"x", *any_schema(3)}, {"y", *any_schema(2)}}}
            },
            {}
        };
        const auto made = import_schema(from, "app");
        for (const auto& each : made ? made->notes : made.error()) {
            RC_ASSERT(!each.code.empty());
            RC_ASSERT(!each.message.empty());
        }
        if (made) {
            const auto read = read_model(made->document);
            RC_ASSERT(read.has_value() || !read.error().empty());
        }
    });
}
