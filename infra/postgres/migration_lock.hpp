#pragma once
// What keeps programs that start at once from changing the fixed parts of a database together.

#include <cstdint>

namespace teamflow::infra::postgres {

/// Key of an advisory lock. Any constant does; this one spells "teamflow".
inline constexpr std::int64_t migration_lock = 0x74656166'6c6f7700;

}  // namespace teamflow::infra::postgres
