#pragma once
// `teamflow check-log`: whether this program understands the log that is there.

#include "app/settings.hpp"

namespace teamflow::app {

/// Reads the whole archive and prints what this program would break on: 0 when it is nothing,
/// else 1. Changes nothing; the programs of the database may run.
int run_check_log(const app_settings& settings, bool as_json);

}  // namespace teamflow::app
