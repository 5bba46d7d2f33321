#pragma once
// Places in a board column: texts that sort as bytes, with room between any two of them.

#include <cstdint>
#include <string>
#include <string_view>

#include "events/time.hpp"

namespace teamflow::commands {

/// The place at the end of a column for a task that arrives at `now`: after every place made this
/// way before. `salt` tells apart what arrives in the same millisecond. Always 14 characters of
/// [0-9a-z], the last one not 0.
std::string rank_at_end(events::timestamp now, std::uint64_t salt);

/// A place strictly between two others. An empty `lower` or `upper` means no bound on that side; a
/// bound is a result of these functions. Needs lower < upper when both are given. At most one
/// character longer than the longer bound; without an upper or a lower bound it does not grow
/// beyond 14 while the column has room there.
std::string rank_between(std::string_view lower, std::string_view upper);

}  // namespace teamflow::commands
