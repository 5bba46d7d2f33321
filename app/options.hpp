#pragma once
// The command line's options, their environment variables and their keys in the settings file.

#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "app/settings.hpp"

namespace teamflow::app {

/// Declares the options of all server roles on `command`; parsing then fills `into`.
/// File < environment < flags.
void add_server_options(CLI::App& command, app_settings& into);

/// Only what finds the database and the log: for commands that are run beside a server.
void add_data_options(CLI::App& command, app_settings& into);

/// Those, and the secrets: for commands that speak with a running gateway.
void add_instance_options(CLI::App& command, app_settings& into);

/// Gives the options of `command` that a YAML file names its values as defaults. The file is what
/// `--config` in `arguments` or TEAMFLOW_CONFIG names; without one nothing happens. Returns every
/// fault of the file: unknown keys, values that do not fit.
std::vector<std::string> apply_settings_file(
    CLI::App& command, const std::vector<std::string>& arguments
);

/// What is wrong with the settings together: every fault, as sentences for people.
std::vector<std::string> check(const app_settings& settings);

}  // namespace teamflow::app
