#include <iostream>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <spdlog/spdlog.h>

#include "infra/app/dev.hpp"
#include "infra/app/logging.hpp"
#include "infra/app/options.hpp"

using namespace teamflow::infra;

namespace {

constexpr int failed = 1;
constexpr int wrong_use = 2;

int tell(const std::vector<std::string>& faults) {
    for (const auto& fault : faults) {
        std::cerr << "teamflow: " << fault << '\n';
    }
    return wrong_use;
}

/// A subcommand and what it runs once the settings are known.
struct subcommand {
    CLI::App* app;
    int (*run)(app_settings settings);
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App program("TeamFlow: an event-sourced backend for team work", "teamflow");
    program.set_version_flag("--version", TEAMFLOW_VERSION);
    program.require_subcommand(1);
    app_settings settings;
    std::vector<subcommand> subcommands;

    auto* dev = program.add_subcommand(
        "dev", "All roles in one process on the embedded log, with a PostgreSQL of its own"
    );
    add_server_options(*dev, settings);
    subcommands.push_back({dev, run_dev});

    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        for (const auto& known : subcommands) {
            if (!arguments.empty() && arguments.front() == known.app->get_name()) {
                if (const auto faults = apply_settings_file(*known.app, arguments);
                    !faults.empty()) {
                    return tell(faults);
                }
            }
        }
        program.parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        return program.exit(failure) == 0 ? 0 : wrong_use;
    }
    if (const auto faults = check(settings); !faults.empty()) {
        return tell(faults);
    }
    start_logging(settings.log_level);
    try {
        for (const auto& known : subcommands) {
            if (known.app->parsed()) {
                return known.run(settings);
            }
        }
    } catch (const std::exception& failure) {
        std::cerr << "teamflow: " << failure.what() << '\n';
    }
    return failed;
}
