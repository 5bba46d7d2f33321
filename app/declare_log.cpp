#include <map>

#include "app/subcommands.hpp"

namespace teamflow::app {

namespace {

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

void declare_log_tail(CLI::App& tail, log_tail_arguments& what) {
    tail.add_option("--lines,-n", what.lines, "The last so many events")
        ->check(CLI::Range(0, 100'000))
        ->capture_default_str();
    tail.add_flag("--follow,-f", what.follow, "Go on with events as they come");
    tail.add_option("--after", what.after, "All events behind these positions instead")
        ->type_name("3@120,7@44");
    tail.add_option("--type", what.types, "Events of this type alone; may be repeated");
    tail.add_option("--stream", what.stream, "Events of this stream alone");
    tail.add_option("--organization", what.organization, "Events of this one alone")
        ->type_name("ID");
}

void declare_log_statistics(CLI::App& statistics, log_statistics_arguments& what) {
    statistics.add_option("--from", what.from, "Events of this time or later")->type_name("TIME");
    statistics.add_option("--to", what.to, "Events before this time")->type_name("TIME");
    statistics.add_option("--organization", what.organization, "Events of this one alone")
        ->type_name("ID");
    statistics.add_option("--limit", what.limit, "How many streams are named")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    statistics.add_flag("--json", what.as_json, "One line of JSON instead of tables");
}

}  // namespace

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
    declare_log_tail(
        *add(
            "tail",
            "Prints events as JSON Lines, personal fields sealed",
            [&extra](const app_settings& with) { return run_log_tail(with, extra.tail); }
        ),
        extra.tail
    );
    add("causes",
        "Prints what led to an event and what came of it, as a tree",
        [&extra](const app_settings& with) { return run_log_causes(with, extra.event); })
        ->add_option("EVENT", extra.event, "Its id")
        ->required();
    declare_log_statistics(
        *add(
            "statistics",
            "Counts events by type, with their sizes, and names the streams with the most",
            [&extra](const app_settings& with) {
                return run_log_statistics(with, extra.statistics);
            }
        ),
        extra.statistics
    );
    declare_log_copy(
        *add(
            "copy",
            "Moves the history to the other kind of log or to another number of partitions; stop "
            "all programs first",
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

}  // namespace teamflow::app
