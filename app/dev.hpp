#pragma once
// `teamflow dev`: all roles in one process, with a PostgreSQL of its own.

#include "app/settings.hpp"

namespace teamflow::app {

/// Serves until SIGTERM or SIGINT; returns the exit code. Prints the way to the first timer on
/// standard output when ready. Throws what the parts throw.
int run_dev(app_settings settings);

}  // namespace teamflow::app
