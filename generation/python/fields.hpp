#pragma once
// What a field is in the layers of the application: a column, a type of a schema, a column of a
// migration, values that are refused.

#include <string>
#include <vector>

#include "generation/model/model.hpp"
#include "generation/python/layout.hpp"

namespace teamflow::generation::python {

/// The type of the field's values in Python (`str`, `Decimal`, `dt.date`), without None.
std::string value_type(const field& of);

/// The line of the mapped class; adds the imports it needs.
std::string mapped_column(const model& in, const field& of, imports& needs);
std::string mapped_column(const model& in, const relation& of, imports& needs);

/// The type of a column in a migration, `sa.String(length=20)`.
std::string migration_type(const model& in, const field& of);

/// `ProjectKeyValue = Annotated[...]`, or nothing where the type of schema_type() stands for
/// itself.
std::string alias(const entity& in, const field& of, imports& needs);

/// The type that requests have for the field, without None.
std::string schema_type(const entity& in, const field& of, imports& needs);

/// The default as an expression: `Priority.MEDIUM`, `Decimal("1.50")`. The field has one.
std::string initial_value(const field& of, imports& needs);

/// Bodies that differ from a valid one in this field, and are refused, as dict literals.
std::vector<std::string> refused_changes(const field& of);

/// Name and SQL of the checks that follow from min and max of a number.
std::vector<std::pair<std::string, std::string>> limit_checks(const field& of);

/// A number as text, whole where it is whole.
std::string number(double value);

}  // namespace teamflow::generation::python
