#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <spdlog/spdlog.h>

#include "app/analyst_commands.hpp"
#include "app/commands.hpp"
#include "app/dev.hpp"
#include "app/erase.hpp"
#include "app/generate.hpp"
#include "app/log_commands.hpp"
#include "app/logging.hpp"
#include "app/options.hpp"
#include "app/prove.hpp"
#include "app/rebuild_commands.hpp"
#include "app/replay.hpp"
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

/// A subcommand and what it runs once its settings are known.
struct subcommand {
    CLI::App* app;
    std::function<int(const app_settings&)> run;
    /// Of its own: the environment is read for every subcommand, whichever is run.
    app_settings settings = {};
};

/// Options keep references into it.
using subcommands = std::deque<subcommand>;

/// What only one subcommand asks for.
struct extra_arguments {
    std::string email;
    std::string password;
    std::string out = "docs/generated";
    bool as_json = false;
    log_tail_arguments tail;
    log_copy_arguments copy;
    generate_arguments generate;
    prove_arguments prove;
    std::optional<std::int32_t> restore_wait;
    std::string projection;
    rebuild_arguments rebuild;
    verify_arguments verify;
    parked_arguments parked;
    explain_arguments explain;
    analyst_arguments analyst;
    log_verify_arguments log_verify;
    erase_arguments erase;
    replay_arguments replay;
};

const std::map<std::string, log_backend> backends{
    {"postgres", log_backend::postgres}, {"kafka", log_backend::kafka}
};

void declare_log_copy(CLI::App& copy, log_copy_arguments& what) {
    const auto log_name = CLI::CheckedTransformer(backends).description("");
    copy.add_option("--from", what.from, "What the log is now: postgres or kafka")
        ->transform(log_name)
        ->type_name("LOG");
    copy.add_option("--to", what.to, "What it is to become: postgres or kafka [what it is]")
        ->transform(log_name)
        ->type_name("LOG");
    // Of a log that is there the number is changed only where it is named.
    copy.remove_option(copy.get_option("--partitions"));
    copy.add_option(
            "--partitions", what.partitions, "How many it is to have: gives new offsets [as many]"
    )
        ->envname("TEAMFLOW_PARTITIONS")
        ->check(CLI::Range(1, 1024));
    copy.add_option("--to-topic", what.to_topic, "The empty topic it goes to [that of --topic]");
}

/// `teamflow log ...`
void declare_log(CLI::App& program, extra_arguments& extra, subcommands& into) {
    auto* log = program.add_subcommand("log", "Looks at the log, moves or mends it");
    log->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(log->add_subcommand(name, help), run);
        add_data_options(*made.app, made.settings);
        return made.app;
    };
    auto* info =
        add("info",
            "Says which log the database holds and how far it reaches",
            [&extra](const app_settings& with) { return run_log_info(with, extra.as_json); });
    info->add_flag("--json", extra.as_json, "One line of JSON instead of a table");
    auto* tail =
        add("tail",
            "Prints events as JSON Lines, personal fields sealed",
            [&extra](const app_settings& with) { return run_log_tail(with, extra.tail); });
    tail->add_option("--lines,-n", extra.tail.lines, "The last so many events")
        ->check(CLI::Range(0, 100'000))
        ->capture_default_str();
    tail->add_flag("--follow,-f", extra.tail.follow, "Go on with events as they come");
    tail->add_option("--after", extra.tail.after, "All events behind these positions instead")
        ->type_name("3@120,7@44");
    tail->add_option("--type", extra.tail.types, "Events of this type alone; may be repeated");
    tail->add_option("--stream", extra.tail.stream, "Events of this stream alone");
    tail->add_option("--organization", extra.tail.organization, "Events of this one alone")
        ->type_name("ID");
    declare_log_copy(
        *add(
            "copy",
            "Moves the history to the other kind of log or to another number of partitions; stop "
            "all "
            "programs first",
            [&extra](const app_settings& with) { return run_log_copy(with, extra.copy); }
        ),
        extra.copy
    );
    auto* restore = add(
        "restore-tail",
        "Sends a topic that lost its last records those that the archive has; stop all programs "
        "first",
        [&extra](const app_settings& with) {
            return run_log_restore_tail(with, extra.restore_wait);
        }
    );
    restore
        ->add_option(
            "--wait", extra.restore_wait, "The topic must end there for so long first [40]"
        )
        ->type_name("SECONDS")
        ->check(CLI::Range(0, 3600));
    auto* verify = add(
        "verify",
        "Proves that the log is whole and its history unchanged (`teamflow verify` looks at read "
        "models)",
        [&extra](const app_settings& with) { return run_log_verify(with, extra.log_verify); }
    );
    verify->add_flag(
        "--anchor", extra.log_verify.anchor, "Keep the hashes, for later runs to compare with"
    );
    verify->add_flag("--json", extra.log_verify.as_json, "One line of JSON instead of a table");
}

/// `teamflow analyst ...`
void declare_analysts(CLI::App& program, extra_arguments& extra, subcommands& into) {
    auto* analysts = program.add_subcommand("analyst", "Roles that read the history in SQL");
    analysts->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(analysts->add_subcommand(name, help), run);
        add_data_options(*made.app, made.settings);
        return made.app;
    };
    auto* create =
        add("create",
            "Makes a role that reads one organization, or changes it; prints its password",
            [&extra](const app_settings& with) { return run_analyst_create(with, extra.analyst); });
    create->add_option("--name", extra.analyst.name, "What it signs in with")->required();
    create->add_option("--organization", extra.analyst.organization, "What it reads")
        ->type_name("ID")
        ->required();
    create->add_option(
        "--password", extra.analyst.password, "12 characters or more [one is made and printed]"
    );
    add("list", "Prints the analysts and what they read", run_analyst_list);
    auto* drop = add("drop", "Takes a role away", [&extra](const app_settings& with) {
        return run_analyst_drop(with, extra.analyst.name);
    });
    drop->add_option("--name", extra.analyst.name, "Which one")->required();
}

void declare_replay(CLI::App& program, replay_arguments& what, subcommands& into) {
    auto& made = into.emplace_back(
        program.add_subcommand(
            "replay", "Writes the history of events, personal fields sealed, to stdout or a file"
        ),
        [&what](const app_settings& with) { return run_replay(with, what); }
    );
    auto& replay = *made.app;
    add_data_options(replay, made.settings);
    replay.add_option("--from", what.from, "Events of this time or later")->type_name("TIME");
    replay.add_option("--to", what.to, "Events before this time")->type_name("TIME");
    replay.add_option("--after", what.after, "Events behind these positions")
        ->type_name("3@120,7@44");
    replay
        .add_option(
            "--until", what.until, "Events up to these positions, of the partitions named alone"
        )
        ->type_name("3@120,7@44");
    replay.add_option("--type", what.types, "Events of this type alone; may be repeated");
    replay.add_option("--stream", what.stream, "Events of this stream alone");
    replay.add_option("--organization", what.organization, "Events of this one alone")
        ->type_name("ID");
    replay.add_option("--actor", what.actor, "Events of this user or process manager alone");
    replay.add_option("--correlation", what.correlation, "Events of this request alone")
        ->type_name("ID");
    replay.add_option("--format", what.format, "jsonl or csv [jsonl]")->type_name("FORMAT");
    replay.add_flag("--follow,-f", what.follow, "Go on with events as they come");
    replay.add_option("--out", what.out, "A new file to write to instead of stdout")
        ->type_name("FILE");
    replay
        .add_option(
            "--manifest",
            what.manifest,
            "Tell in this file what was written: count, hash, positions"
        )
        ->type_name("FILE");
    replay.add_option("--resume", what.resume, "Go on behind what this manifest tells of")
        ->type_name("FILE");
    replay.add_flag("--progress", what.progress, "Tell how far it is, also without a terminal");
}

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

/// `teamflow projections|rebuild|verify|parked ...`
void declare_read_models(CLI::App& program, extra_arguments& extra, subcommands& into) {
    const auto add = [&](CLI::App& under, const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(under.add_subcommand(name, help), run);
        add_data_options(*made.app, made.settings);
        return made.app;
    };
    const auto name_it = [](CLI::App& of, std::string& name) {
        return of.add_option("NAME", name, "The read model, such as tasks");
    };
    auto* list =
        add(program,
            "projections",
            "Says how the read models stand",
            [&extra](const app_settings& with) {
                return run_projections(with, extra.projection, extra.as_json);
            });
    name_it(*list, extra.projection);
    list->add_flag("--json", extra.as_json, "JSON Lines instead of a table");
    auto& how = extra.rebuild;
    auto* rebuild =
        add(program,
            "rebuild",
            "Builds read models anew beside the live ones, and swaps them in",
            [&how](const app_settings& with) { return run_rebuild(with, how); });
    name_it(*rebuild, how.name);
    rebuild->add_flag("--all", how.all, "All of them, one after the other");
    auto* dry = rebuild->add_flag("--dry-run", how.dry_run, "Say what it would take, do nothing");
    auto* undo = rebuild->add_flag("--undo", how.undo, "Return to the build before");
    auto* pause = rebuild->add_flag("--pause", how.pause, "Let one that goes on rest");
    auto* resume = rebuild->add_flag("--resume", how.resume, "Let it go on");
    auto* abort = rebuild->add_flag("--abort", how.abort, "Give it up; the live one stays");
    for (auto* one : {dry, undo, pause, resume, abort}) {
        for (auto* other : {dry, undo, pause, resume, abort}) {
            if (one != other) {
                one->excludes(other);
            }
        }
    }
    rebuild->add_option("--keep", how.keep_hours, "Hours that the build before is kept for --undo")
        ->check(CLI::Range(0, 24 * 365))
        ->capture_default_str();
    rebuild->add_flag("--detach", how.detach, "Do not wait for the end");
    rebuild->add_flag("--json", how.as_json, "JSON instead of words");
    auto* verify =
        add(program,
            "verify",
            "Compares read models with a fresh fold of the log",
            [&extra](const app_settings& with) { return run_verify(with, extra.verify); });
    name_it(*verify, extra.verify.name)->description("The read model; all without it");
    verify
        ->add_option(
            "--repair",
            extra.verify.repair,
            "Make the rows of this organization or key anew instead"
        )
        ->type_name("KEY");
    verify->add_flag("--json", extra.verify.as_json, "JSON instead of words");
    auto* explain =
        add(program,
            "explain",
            "Lists the events that made a row of a read model",
            [&extra](const app_settings& with) { return run_explain(with, extra.explain); });
    explain->add_option("TABLE", extra.explain.table, "Such as tasks.board")->required();
    explain->add_option("KEY", extra.explain.key, "Its key; several columns with commas")
        ->required();
    explain->add_flag("--json", extra.explain.as_json, "The events as JSON Lines");
}

/// `teamflow parked ...`
void declare_parked(CLI::App& program, parked_arguments& what, subcommands& into) {
    auto* parked = program.add_subcommand("parked", "Events that read models could not take");
    parked->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(
            parked->add_subcommand(name, help),
            [&what, run](const app_settings& with) { return run(with, what); }
        );
        add_data_options(*made.app, made.settings);
        made.app->add_option("NAME", what.name, "The read model, such as tasks");
        return made.app;
    };
    add("list", "Lists them", run_parked_list)
        ->add_flag("--json", what.as_json, "JSON Lines instead of words");
    auto* retry = add("retry", "Tries one again, and what waits behind it", run_parked_retry);
    auto* skip = add("skip", "Gives one up, and tries what waits behind it", run_parked_skip);
    for (auto* each : {retry, skip}) {
        each->get_option("NAME")->required();
        each->add_option("COMMIT", what.commit, "The commit, as `list` tells it")->required();
    }
    skip->add_option("--reason", what.reason, "Why, for the record")->required();
}

void declare_erase(CLI::App& program, extra_arguments& extra, subcommands& into) {
    auto& made = into.emplace_back(
        program.add_subcommand("erase", "Makes all personal data of a user unreadable, for good"),
        [&extra](const app_settings& with) { return run_erase(with, extra.erase); }
    );
    add_instance_options(*made.app, made.settings);
    made.app->footer("A gateway must be running. An erasure that was cut short is repeated.");
    made.app->add_option("user", extra.erase.user, "Id or e-mail address of the user")
        ->type_name("USER")
        ->required();
    made.app->add_flag("--yes", extra.erase.yes, "Do not ask");
    made.app->add_flag(
        "--force", extra.erase.force, "Also where organizations are left without an owner"
    );
    made.app->add_flag("--json", extra.erase.as_json, "The report as one line of JSON");
}

void declare_generate(CLI::App& program, generate_arguments& what, subcommands& into) {
    auto* generate =
        program.add_subcommand("generate", "Writes a FastAPI application from a domain model");
    generate->add_option("model", what.model, "File (.yaml, .json) or built-in domain")->required();
    generate->add_option("--out", what.out, "Directory, new or empty")->required();
    generate->add_option("--patterns", what.patterns, "Directory with patterns of your own")
        ->check(CLI::ExistingDirectory);
    generate->add_flag("--force", what.force, "Replaces what is in the directory");
    generate->add_flag("--json", what.as_json, "One line of JSON about the result");
    into.emplace_back(generate, [&what](const app_settings&) { return run_generate(what); });
}

void declare_prove(CLI::App& program, prove_arguments& what, subcommands& into) {
    auto* prove = program.add_subcommand(
        "prove", "Installs, checks, migrates, tests, starts and fuzzes a generated application"
    );
    prove->add_option("directory", what.directory, "What `generate` wrote")
        ->required()
        ->check(CLI::ExistingDirectory);
    prove->add_option("--json", what.report, "File for the report as JSON");
    prove->add_option("--environment", what.environment, "Virtual environment to make or to use");
    prove->add_option("--python", what.python, "Python to install with [newest of 3.13 to 3.11]");
    prove->add_flag("--quick", what.quick, "One seed of schemathesis, not three");
    into.emplace_back(prove, [&what](const app_settings&) { return run_prove(what); });
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
    declare_analysts(program, extra, all);
    declare_log(program, extra, all);
    declare_read_models(program, extra, all);
    declare_parked(program, extra.parked, all);
    declare_erase(program, extra, all);
    declare_generate(program, extra.generate, all);
    declare_prove(program, extra.prove, all);
    declare_replay(program, extra.replay, all);

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
        return program.exit(failure) == 0 ? 0 : wrong_use;
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
