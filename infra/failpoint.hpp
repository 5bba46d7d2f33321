#pragma once
// Named places where a crash hurts, armed by FAILPOINT=name:n in test builds and absent in others.

#include <string_view>

namespace teamflow::infra {

#ifdef TEAMFLOW_FAILPOINTS
/// Ends the process as kill -9 would at the n-th passage of the failpoint that FAILPOINT names.
void failpoint(std::string_view name);
#else
inline void failpoint(std::string_view /*name*/) {}
#endif

}  // namespace teamflow::infra
