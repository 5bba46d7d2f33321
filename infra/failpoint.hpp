#pragma once
// Named places where a crash hurts, armed by FAILPOINT=name:n, and rules to be broken as a control,
// named by BROKEN_RULES=rule,...: in test builds, and absent in others.

#include <string_view>

namespace teamflow::infra {

#ifdef TEAMFLOW_FAILPOINTS
/// Ends the process as kill -9 would at the n-th passage of the failpoint that FAILPOINT names.
void failpoint(std::string_view name);

/// Breaks the rules of events/broken_rule.hpp that BROKEN_RULES names. At the start of a program.
/// Throws std::invalid_argument when there is no such rule.
void break_named_rules();
#else
inline void failpoint(std::string_view /*name*/) {}

inline void break_named_rules() {}
#endif

}  // namespace teamflow::infra
