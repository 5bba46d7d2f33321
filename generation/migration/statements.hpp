#pragma once
// Single operations of Alembic as Python, each a statement indented by four blanks.

#include <string>
#include <vector>

#include "generation/migration/tables.hpp"

namespace teamflow::generation {

/// With its indexes.
std::string create_table(const table& of);
std::string drop_table(const table& of);
std::string rename_table(const std::string& from, const std::string& to);

/// The column takes null whatever `of` says.
std::string add_column(const std::string& table, const table_column& of);
std::string drop_column(const std::string& table, const table_column& of);
std::string rename_column(const std::string& table, const std::string& from, const std::string& to);
std::string alter_type(
    const std::string& table,
    const table_column& from,
    const table_column& to,
    const std::string& sql_using
);
std::string alter_nullable(const std::string& table, const table_column& to);

std::string create_constraint(const std::string& table, const table_constraint& of);
std::string drop_constraint(const std::string& table, const table_constraint& of);
std::string create_index(const std::string& table, const table_index& of);
std::string drop_index(const std::string& table, const table_index& of);

/// SQL as it stands.
std::string execute(const std::string& sql);

}  // namespace teamflow::generation
