#pragma once
// Models in the languages of others: written as DDL, DBML, JDL and Mermaid, read from the first
// three, OpenAPI and JSON Schema.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/enum.hpp>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"
#include "generation/model/source.hpp"

namespace teamflow::generation {

enum class exchange_format { sql, dbml, jdl, mermaid };
BOOST_DESCRIBE_ENUM(exchange_format, sql, dbml, jdl, mermaid)

/// A checked model as PostgreSQL's DDL, DBML, JDL or a Mermaid entity relationship diagram. What
/// the language has no word for is left out; the order is that of the model.
std::string export_model(const model& of, exchange_format format);

/// A document for read_model(), whose lines are those of the text that was imported.
struct imported {
    source document;
    /// What was in the text and is not in the model, or is there as something else, by line.
    faults notes;
};

/// `app_name` is the name of the application, since the text has none. Refused with the line: what
/// does not parse, and what a model cannot say.
std::expected<imported, faults> import_sql(std::string_view text, const std::string& app_name);
std::expected<imported, faults> import_dbml(std::string_view text, const std::string& app_name);
std::expected<imported, faults> import_jdl(std::string_view text, const std::string& app_name);

/// Whether a document of YAML or JSON is one of OpenAPI or JSON Schema, and no model.
bool is_schema(const source& of);

/// The schemas of OpenAPI 3.0 or 3.1, or of JSON Schema (drafts 6 to 2020-12). Objects with an `id`
/// become entities, or all if none has one; references to them relations, and lists of them links.
/// Refused with the path is also what is malformed.
std::expected<imported, faults> import_schema(const source& from, const std::string& app_name);

}  // namespace teamflow::generation
