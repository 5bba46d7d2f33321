#pragma once
// JSON Schema to TypeScript: the types of a client, from the same definitions as everything else.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace teamflow::events::json {

/// `timer_started` as `TimerStarted`.
std::string to_type_name(std::string_view name);

/// The type expression of a schema in one line: `string | null`, `Leaf[]`, `{ text: string }`.
/// References become type names; a schema without any constraint is `unknown`.
std::string to_type_expression(const boost::json::value& schema);

/// `export interface Name {…}` for a schema of an object, `export type Name = …;` for others, under
/// the schema's description as a comment. `name` is as in C++.
std::string to_typescript(std::string_view name, const boost::json::object& schema);

}  // namespace teamflow::events::json
