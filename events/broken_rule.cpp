#include "events/broken_rule.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <optional>

namespace teamflow::events {

namespace {

std::optional<rule> broken;

}  // namespace

void break_rule(rule which) {
    broken = which;
}

bool is_broken(rule which) {
    return broken == which;
}

}  // namespace teamflow::events

#endif
