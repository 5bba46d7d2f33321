#include "app/check_log.hpp"
#include "app/commands.hpp"
#include "app/dev.hpp"
#include "app/subcommands.hpp"

namespace teamflow::app {

void declare_servers(CLI::App& program, subcommands& into) {
    const auto add = [&](const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(program.add_subcommand(name, help), run);
        add_server_options(*made.app, made.settings);
        return &made;
    };
    add("dev", "All roles in one process, with a PostgreSQL of its own", run_dev);
    add("gateway", "Serves HTTP and decides commands", [](const app_settings& with) {
        return run_roles(with, {.gateway = true});
    });
    auto* projector = add("projector", "Builds read models", [](const app_settings& with) {
        return run_roles(with, {.projector = true});
    });
    projector->settings.listen_host.clear();
    projector->app->get_option("--listen")
        ->description("Address to tell health and metrics on, HOST:PORT; port 0 picks one [off]");
}

void declare_care(CLI::App& program, extra_arguments& extra, subcommands& into) {
    const auto add = [&](CLI::App& under, const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(under.add_subcommand(name, help), run);
        add_data_options(*made.app, made.settings);
        return made.app;
    };
    add(program, "migrate", "Updates the database and makes the log", run_migrate);
    add(program, "doctor", "Tries every dependency", run_doctor);
    auto* check =
        add(program,
            "check-log",
            "Tries whether this program understands the log that is there, before a roll-out",
            [&extra](const app_settings& with) { return run_check_log(with, extra.as_json); });
    check->add_flag("--json", extra.as_json, "One line of JSON instead of sentences");
    auto* operators = program.add_subcommand("operator", "Accounts that run the instance");
    operators->require_subcommand(1);
    auto* create =
        add(*operators,
            "create",
            "Makes an operator, or changes the password",
            [&extra](const app_settings& with) {
                return run_operator_create(with, extra.email, extra.password);
            });
    create->add_option("--email", extra.email, "Address to sign in with")->required();
    create->add_option("--password", extra.password, "12 characters or more")->required();
    auto* docs = program.add_subcommand("docs", "Writes the generated documents");
    docs->add_option("--out", extra.out, "Directory")->capture_default_str();
    into.emplace_back(docs, [&extra](const app_settings&) { return run_docs(extra.out); });
}

}  // namespace teamflow::app
