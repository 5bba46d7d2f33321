#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

#include "app/logging.hpp"
#include "app/subcommands.hpp"
#include "app/unknown_option.hpp"
#include "infra/failpoint.hpp"

using namespace teamflow::app;

namespace {

constexpr int failed = 1;
constexpr int wrong_use = 2;

int tell(const std::vector<std::string>& faults) {
    for (const auto& fault : faults) {
        std::cerr << "teamflow: " << fault << '\n';
    }
    return wrong_use;
}

/// Whether the arguments begin with the subcommand's name, or with those of both levels.
bool is_named(
    const CLI::App& app, const CLI::App& program, const std::vector<std::string>& arguments
) {
    std::vector<std::string> names{app.get_name()};
    if (app.get_parent() != &program) {
        names.insert(names.begin(), app.get_parent()->get_name());
    }
    return arguments.size() >= names.size() &&
           std::equal(names.begin(), names.end(), arguments.begin());
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App program("TeamFlow: an event-sourced backend for team work", "teamflow");
    program.set_version_flag("--version", TEAMFLOW_VERSION);
    program.require_subcommand(1);
    extra_arguments extra;
    subcommands all;
    declare_servers(program, all);
    declare_care(program, extra, all);
    declare_log(program, extra, all);
    declare_read_models(program, extra, all);
    declare_generator(program, extra, all);
    declare_history(program, extra, all);

    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        for (const auto& known : all) {
            if (is_named(*known.app, program, arguments)) {
                if (const auto faults = apply_settings_file(*known.app, arguments);
                    !faults.empty()) {
                    return tell(faults);
                }
            }
        }
        program.parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        if (program.exit(failure) == 0) {
            return 0;
        }
        return tell(near_options(program, arguments));
    }
    const auto chosen =
        std::ranges::find_if(all, [](const auto& each) { return each.app->parsed(); });
    if (const auto faults = check(chosen->settings); !faults.empty()) {
        return tell(faults);
    }
    start_logging(chosen->settings.log_level);
    try {
        teamflow::infra::break_named_rules();
        return chosen->run(chosen->settings);
    } catch (const std::exception& failure) {
        std::cerr << "teamflow: " << failure.what() << '\n';
    }
    return failed;
}
