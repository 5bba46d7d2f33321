#pragma once
// `teamflow analyst create|list|drop`: who reads the history in SQL. Each returns the exit code.

#include <string>

#include "app/settings.hpp"

namespace teamflow::app {

struct analyst_arguments {
    std::string name;
    std::string organization;
    /// One is made and printed where it is empty.
    std::string password;
};

/// Makes the role, or changes its password and organization; prints what to sign in with.
int run_analyst_create(const app_settings& settings, const analyst_arguments& what);

/// Prints the analysts as a table.
int run_analyst_list(const app_settings& settings);

/// Takes the role away.
int run_analyst_drop(const app_settings& settings, const std::string& name);

}  // namespace teamflow::app
