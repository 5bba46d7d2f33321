#pragma once
// Which time zones there are.

#include <string_view>

namespace teamflow::query {

/// Whether the system's time-zone database has a zone or alias of this name (`Europe/Berlin`).
/// The names are read once, at the first call; call it before serving. Any thread.
bool is_time_zone(std::string_view name);

}  // namespace teamflow::query
