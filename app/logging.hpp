#pragma once
// The program's own log: one JSON object a line on standard error.

#include <string>

namespace teamflow::app {

/// Sets spdlog's default logger up. `level` is debug, info, warn or error.
void start_logging(const std::string& level);

}  // namespace teamflow::app
