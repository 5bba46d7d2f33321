#pragma once
// `teamflow scratch list|drop`: the schemas that `replay --into` and comparisons make. Each returns
// the exit code; failures are exceptions for main().

#include <string>

#include "app/settings.hpp"

namespace teamflow::app {

/// What there is, what it was made for, and until when it stays.
int run_scratch_list(const app_settings& settings, bool as_json);

/// Drops one, whatever its lifetime; 1 when there is none of that name.
int run_scratch_drop(const app_settings& settings, const std::string& name);

}  // namespace teamflow::app
