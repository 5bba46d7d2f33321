#pragma once
// The clock that commands are decided by, which a test may set in test builds.

#include <memory>

#include "infra/clock.hpp"

namespace teamflow::infra {

/// The machine's clock. In builds with failpoints TEAMFLOW_TEST_CLOCK may name a file of 8 bytes:
/// milliseconds since 1970 as a little-endian integer, read at each look; 0 means the machine's
/// time. So a test plays a year of work in a minute. Tokens, limits and time-outs never follow it.
/// Throws if the file cannot be mapped.
std::unique_ptr<clock> make_decision_clock();

}  // namespace teamflow::infra
