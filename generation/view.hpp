#pragma once
// A model as the patterns see it: names in every spelling, and pieces of code that were made from
// values by the encoders. Texts of the model are in it only in such pieces.

#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "generation/model/model.hpp"
#include "generation/options.hpp"

namespace teamflow::generation {

/// Values are texts, booleans, lists and objects; everything that any pattern names is there. The
/// list `entities` has what the patterns of single entities see beside it.
boost::json::object make_view(const model& of, const option_set& options);

/// One element of `entities`.
boost::json::object entity_view(const model& in, const entity& of);

/// Name and SQL of each check of the table: the limits of numbers, then the model's own.
std::vector<std::pair<std::string, std::string>> checks_of(const entity& of);

/// Whether the application has a table between two entities, rows that are marked as deleted, rows
/// that count their changes, or a log of changes.
bool has_links(const model& of);
bool has_soft_delete(const model& of);
bool has_versions(const model& of);
bool has_audit(const model& of);

/// A field as its table keeps it: what a soft delete leaves behind must not stand in the way of a
/// new row, so that unique becomes an index over the rows that live.
field stored(const entity& in, const field& of);
relation stored(const entity& in, const relation& of);

/// The columns of those indexes.
std::vector<std::string> unique_while_live(const entity& of);

/// What the API can do with an entity (`can_list` and so on), its routes, and what they are given.
void add_routes(boost::json::object& view, const model& in, const entity& of);

/// The routes that stand for all others where one will do; whether rows need another way in.
void add_asked_routes(boost::json::object& view, const model& of);

/// `soft_delete`, `audit`, `versioned` and `links` of an entity.
void add_extras(boost::json::object& view, const model& in, const entity& of);

/// `link_tables`: the tables of many_to_many.
void add_link_tables(boost::json::object& view, const model& of);

/// `tables` and `drops` of the first migration.
void add_migration(boost::json::object& view, const model& of);

/// Mapped class and schemas of an entity.
void add_classes(boost::json::object& view, const model& in, const entity& of);

/// Imports of the tests of an entity; its references and routes are in the view already.
void add_test_imports(boost::json::object& view, const entity& of);

/// Imports of the modules that hold all mapped classes, and all schemas.
std::string entity_imports(const model& of);
std::string schema_imports(const model& of);

/// `task`, `tasks`: the names of one and of many, in snake_case.
std::string singular_name(const entity& of);
std::string plural_name(const entity& of);

/// What lists can be sorted by: what the model says, and created_at in any case.
std::vector<std::string> sorts_of(const entity& of);

/// The address of the list: `/api/v1/order-items`.
std::string route_of(const model& in, const entity& of);

/// What PostgreSQL does to a row when the one it refers to is deleted: `SET NULL`.
std::string action_of(const relation& of);

/// Columns of an index; relations stand for their column.
std::vector<std::string> index_columns(const entity& of, const std::vector<std::string>& names);

/// Entities, those that others refer to first.
std::vector<const entity*> in_order_of_reference(const model& of);

}  // namespace teamflow::generation
