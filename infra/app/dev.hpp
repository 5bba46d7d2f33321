#pragma once
// `teamflow dev`: all roles in one process, with a PostgreSQL of its own.

#include "infra/app/settings.hpp"

namespace teamflow::infra {

/// Serves until SIGTERM or SIGINT; returns the exit code. Prints the way to the first timer on
/// standard output when ready. Throws what the parts throw.
int run_dev(app_settings settings);

}  // namespace teamflow::infra
