#pragma once
// The read models as admins name them on the command line.

#include <string>
#include <string_view>
#include <vector>

namespace teamflow::app {

/// In the order in which they are built.
std::vector<std::string> known_names();

/// Whether there is one; else says on stderr which one may have been meant.
bool is_known(std::string_view name);

/// The types of events that it takes.
std::vector<std::string> handled_types(std::string_view name);

/// Who is at the command line, for the record: `cli user@host`.
std::string name_of_admin();

}  // namespace teamflow::app
