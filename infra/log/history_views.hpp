#pragma once
// The schema `history`: the archive for people who know SQL, one view for each event type.

#include <cstdint>
#include <span>
#include <string>

#include "events/columns.hpp"
#include "events/upcast.hpp"

namespace teamflow::infra {

/// Number of the definition that this program makes. Raise it with every change of the script:
/// a program makes the views anew only where an older number is, so that two that run beside each
/// other during an upgrade do not undo each other's work. A unit test compares.
inline constexpr std::int32_t history_views_version = 3;

/// The name of a type's view in the schema: what stands behind the dot.
std::string view_name(std::string_view event_type);

/// Statements that make and describe the view of one type. Payloads of older versions have the
/// columns of the newest, as far as `table` says what moved where.
std::string history_view(
    const events::event_table& of, std::span<const events::upcaster> table = events::upcasters()
);

/// Statements that replace all views of the schema. Throws std::logic_error when two types would
/// have one view.
std::string history_views_script();

/// Makes the views of a migrated database unless a program of this or a newer definition did.
/// Gives whether it made them. Blocking; any number of programs at once.
/// Errors: postgres_error, with what depends on the views or holds them.
bool update_history_views(const std::string& url);

}  // namespace teamflow::infra
