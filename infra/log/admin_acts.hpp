#pragma once
// What admins do to read models on its way into history: written down in the transaction of the act
// itself, and sent to the log by a process manager (commands/process).

#include <string>
#include <string_view>

#include "events/registry.hpp"
#include "infra/postgres/params.hpp"

namespace teamflow::infra {

/// The columns that add_act() gives values for, in order, of teamflow.admin_acts.
inline constexpr std::string_view admin_act_columns = "type, schema_version, data, actor";

/// `by_whom` is what orders say: `operator <id>` or `cli <user>@<host>`.
void add_act(postgres::params& into, const events::event& act, std::string_view by_whom);

/// The actor of the envelope: the id of the operator, or `cli:<user>@<host>`.
std::string actor_of_admin(std::string_view by_whom);

}  // namespace teamflow::infra
