#pragma once
// The tables of a model as data: what the first migration makes (../migration_view.cpp), and what
// two models are compared by for the next one (../regeneration).

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

struct table_column {
    std::string name;
    /// The type in Python (`sa.Integer()`), and as PostgreSQL writes it.
    std::string type;
    std::string sql_type;
    bool nullable = false;
    /// Both null for a column that the model does not name: `id`, `deleted_at`, `version`, a side
    /// of a link.
    const generation::field* field = nullptr;
    const generation::relation* relation = nullptr;
    /// What it is told by where it has no id: the name in the model, or what the column is for.
    std::string known_as;
    /// The type in Python as the mapped class has it: that of an enum knows its values.
    std::string mapped_type;
    /// SQL; empty where there is none.
    std::string server_default;
};

enum class constraint_kind { primary, foreign, unique, check };

struct table_constraint {
    constraint_kind kind = constraint_kind::primary;
    std::string name;
    /// Of a key.
    std::vector<std::string> columns;
    /// Of a check, as SQL.
    std::string condition;
    /// Of a foreign key.
    std::string target;
    std::string on_delete;
};

struct table_index {
    std::string name;
    std::vector<std::string> columns;
    bool unique = false;
    /// Which rows are in it, as SQL; empty for all.
    std::string where;
};

struct table {
    std::string name;
    /// Where the model asks for it: `entities.Note`, `entities.Note.relations.tags`, `app.auth`.
    std::string path;
    /// Null for the tables of the login and of the audit.
    const generation::entity* entity = nullptr;
    /// Of a table between two entities, of which `entity` is the one that names it.
    const generation::relation* link = nullptr;
    std::vector<table_column> columns;
    std::vector<table_constraint> constraints;
    std::vector<table_index> indexes;
};

/// `"name"`
std::string sql_name(std::string_view name);

/// `'it''s'`
std::string sql_text(std::string_view text);

/// All tables of the application of a checked model, those that others refer to first. They point
/// into the model.
std::vector<table> tables_of(const model& of);

/// `'it''s'`, `CAST('2026-01-01' AS DATE)`: a value that the field takes, as SQL.
std::string sql_literal(const field& of, const boost::json::value& value);

}  // namespace teamflow::generation
