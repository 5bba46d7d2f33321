#pragma once
// The domain model: what an application is generated from, as plain values. The described members
// are the members of the document (../README.md); the rest comes from its keys.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/value.hpp>

#include "events/json/types.hpp"

namespace teamflow::generation {

namespace json = events::json;

inline constexpr int model_schema = 1;

using flag = json::defaulted<bool, false>;

/// Who may use the routes: everybody, or those who signed in and send a token.
enum class auth_kind { none, jwt };
BOOST_DESCRIBE_ENUM(auth_kind, none, jwt)

/// How strict the application's own checks are, and how much it says about working on it.
enum class code_style { standard, enterprise, minimal };
BOOST_DESCRIBE_ENUM(code_style, standard, enterprise, minimal)

struct app {
    std::string name;
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::optional<std::string> version;
    std::optional<std::string> python;
    std::optional<std::string> api_prefix;
    json::defaulted<auth_kind, auth_kind::none> auth;
    json::defaulted<generation::code_style, generation::code_style::standard> code_style;

    friend bool operator==(const app&, const app&) = default;
};
BOOST_DESCRIBE_STRUCT(
    app, (), (name, title, description, version, python, api_prefix, auth, code_style)
)

struct enumeration {
    std::string name;
    std::vector<std::string> values;

    friend bool operator==(const enumeration&, const enumeration&) = default;
};

/// What a field holds. `reference` is a key of an object store, not the bytes.
enum class kind {
    string,
    text,
    integer,
    bigint,
    floating,
    decimal,
    boolean,
    date,
    datetime,
    time,
    uuid,
    json,
    email,
    url,
    reference,
    enumeration
};

enum class html_policy { escape, sanitize };
BOOST_DESCRIBE_ENUM(html_policy, escape, sanitize)

struct field {
    std::string name;
    std::string type;
    flag nullable;
    flag unique;
    flag index;
    std::optional<double> min;
    std::optional<double> max;
    std::optional<std::string> pattern;
    std::optional<int> digits;
    std::optional<int> places;
    std::optional<html_policy> html;
    std::optional<std::string> description;
    /// Values for tests and seeds, where those that are made up would not do.
    std::optional<std::vector<boost::json::value>> examples;
    /// Stays the same when the field is renamed.
    std::optional<std::string> id;
    /// The member `default`, a keyword of C++.
    std::optional<boost::json::value> initial;

    /// Known for every field of a checked model.
    generation::kind kind = generation::kind::string;

    friend bool operator==(const field&, const field&) = default;
};
BOOST_DESCRIBE_STRUCT(
    field,
    (),
    (type,
     nullable,
     unique,
     index,
     min,
     max,
     pattern,
     digits,
     places,
     html,
     description,
     examples,
     id)
)

enum class relation_kind { many_to_one, one_to_one, many_to_many };
BOOST_DESCRIBE_ENUM(relation_kind, many_to_one, one_to_one, many_to_many)

/// What becomes of a row when the one it refers to is deleted.
enum class on_delete { restrict, cascade, set_null };
BOOST_DESCRIBE_ENUM(on_delete, restrict, cascade, set_null)

struct relation {
    std::string name;
    std::string to;
    relation_kind kind = relation_kind::many_to_one;
    flag required;
    json::defaulted<generation::on_delete, generation::on_delete::restrict> on_delete;
    /// The table between the two, of a many_to_many.
    std::optional<std::string> through;
    std::optional<std::string> description;
    std::optional<std::string> id;

    [[nodiscard]] std::string column() const { return name + "_id"; }

    friend bool operator==(const relation&, const relation&) = default;
};
BOOST_DESCRIBE_STRUCT(relation, (), (to, kind, required, on_delete, through, description, id))

enum class operation { list, get, create, update, delete_ };
BOOST_DESCRIBE_ENUM(operation, list, get, create, update, delete_)
inline constexpr std::size_t operation_count = 5;

/// What clients may ask of an entity.
struct api {
    /// All five where nothing stands; a checked model names some of them, in the order above.
    std::optional<std::vector<operation>> operations;
    std::optional<std::vector<std::string>> filters;
    std::optional<std::vector<std::string>> sort;

    friend bool operator==(const api&, const api&) = default;
};
BOOST_DESCRIBE_STRUCT(api, (), (operations, filters, sort))

struct entity {
    std::string name;
    std::optional<std::string> description;
    /// The plural in snake_case, where adding an s (or es, ies) is not what English says.
    std::optional<std::string> plural;
    std::optional<std::string> id;
    /// Deleting marks rows, and nothing finds them any more.
    flag soft_delete;
    /// Each change is noted: when, by whom, what was set.
    flag audit;
    /// Rows count their changes, so that a client can say which state it means to change.
    flag versioned;
    std::vector<field> fields;
    /// Those with a column of the table.
    std::vector<relation> relations;
    /// Those with a table of their own, many_to_many.
    std::vector<relation> links;
    std::vector<std::vector<std::string>> indexes;
    /// Name and condition.
    std::vector<std::pair<std::string, std::string>> checks;
    generation::api api;

    /// Whether the API has a route for it.
    [[nodiscard]] bool can(operation wanted) const;

    [[nodiscard]] const field* find_field(std::string_view wanted) const;
    [[nodiscard]] const relation* find_relation(std::string_view wanted) const;
    [[nodiscard]] const relation* find_link(std::string_view wanted) const;

    friend bool operator==(const entity&, const entity&) = default;
};

struct model {
    generation::app app;
    std::vector<enumeration> enums;
    std::vector<entity> entities;

    [[nodiscard]] const entity* find_entity(std::string_view wanted) const;
    [[nodiscard]] const enumeration* find_enum(std::string_view wanted) const;

    friend bool operator==(const model&, const model&) = default;
};

/// The kind that a type's name stands for, but for enumerations.
std::optional<kind> built_in_kind(std::string_view type);

/// The names of all built-in types, in the order of the documentation.
std::vector<std::string_view> built_in_types();

}  // namespace teamflow::generation
