#pragma once
// The tables of a model as data: what two models are compared by, where the first migration
// (../migration_view.cpp) is text.

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
    /// Null for the column of a relation.
    const generation::field* field = nullptr;
    const generation::relation* relation = nullptr;
};

enum class constraint_kind { primary, foreign, unique, check };

struct table_constraint {
    constraint_kind kind = constraint_kind::primary;
    std::string name;
    /// The column of a key, or the condition of a check as SQL.
    std::string subject;
    /// Of a foreign key.
    std::string target;
    std::string on_delete;
};

struct table_index {
    std::string name;
    std::vector<std::string> columns;
};

struct table {
    std::string name;
    const generation::entity* entity = nullptr;
    std::vector<table_column> columns;
    std::vector<table_constraint> constraints;
    std::vector<table_index> indexes;
};

/// `"name"`
std::string sql_name(std::string_view name);

/// The tables of a checked model, those that others refer to first. They point into the model.
std::vector<table> tables_of(const model& of);

/// The paths of what has tables, columns or indexes that tables_of() does not tell: a login, soft
/// deletes, audits, relations to many.
std::vector<std::string> parts_beyond_tables(const model& of);

/// `'it''s'`, `CAST('2026-01-01' AS DATE)`: a value that the field takes, as SQL.
std::string sql_literal(const field& of, const boost::json::value& value);

}  // namespace teamflow::generation
