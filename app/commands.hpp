#pragma once
// What the subcommands beside `dev` do. Each returns the exit code and throws what its parts throw.

#include <filesystem>
#include <string>

#include "app/node.hpp"
#include "app/settings.hpp"

namespace teamflow::app {

/// One role, or several, on an existing database and log, until SIGTERM.
int run_roles(app_settings settings, roles plays);

/// Brings the database up to date and makes the log.
int run_migrate(const app_settings& settings);

/// Makes an operator, or gives an existing one this password.
int run_operator_create(
    const app_settings& settings, const std::string& email, const std::string& password
);

/// Writes the documents that follow from the code below `directory`.
int run_docs(const std::filesystem::path& directory);

/// Tries every dependency and says what is wrong with it.
int run_doctor(const app_settings& settings);

}  // namespace teamflow::app
