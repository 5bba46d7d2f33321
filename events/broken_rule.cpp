#include "events/broken_rule.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <array>

namespace teamflow::events {

namespace {

std::array<bool, 5> broken{};

}  // namespace

void break_rule(rule which) {
    broken.at(static_cast<std::size_t>(which)) = true;
}

bool is_broken(rule which) {
    return broken.at(static_cast<std::size_t>(which));
}

}  // namespace teamflow::events

#endif
