#pragma once
// What links, soft delete, audit and login ask of a model, and the names they need for themselves.

#include "generation/model/check_field.hpp"
#include "generation/model/model.hpp"

namespace teamflow::generation {

void check_extras(const model& of, const report_fault& report);

/// The table of a link: `through`, or the names of the entity's table and of the link.
std::string link_table(const entity& of, const relation& link);

/// Its two columns, that of the entity and that of what it is linked to.
std::string link_source(const entity& of);
std::string link_target(const entity& of, const relation& link);

/// Tables that the application has beside those of its entities.
inline constexpr std::string_view user_table = "auth_users";
inline constexpr std::string_view audit_table = "audit_entries";

}  // namespace teamflow::generation
