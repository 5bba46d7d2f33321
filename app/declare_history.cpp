#include "app/subcommands.hpp"

namespace teamflow::app {

namespace {

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
            "replay",
            "Writes the history of events, personal fields sealed, to stdout or a file; or builds "
            "read models of it"
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
    replay
        .add_option(
            "--into",
            what.into,
            "Build read models of these events in this new schema instead of writing text"
        )
        ->type_name("SCHEMA");
    replay.add_option("--as-of", what.as_of, "Read models as they were then")->type_name("TIME");
    replay.add_option("--projections", what.projections, "Which read models, with commas [all]")
        ->type_name("a,b")
        ->delimiter(',');
    replay.add_option("--keep", what.keep, "How long the schema stays: 30m, 24h, 7d [24h]")
        ->type_name("LIFE");
}

/// `teamflow scratch ...`
void declare_scratch(CLI::App& program, extra_arguments& extra, subcommands& into) {
    auto* scratch =
        program.add_subcommand("scratch", "Schemas that `replay --into` made, with a lifetime");
    scratch->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, auto run) {
        auto& made = into.emplace_back(scratch->add_subcommand(name, help), run);
        add_data_options(*made.app, made.settings);
        return made.app;
    };
    add("list", "Lists them", [&extra](const app_settings& with) {
        return run_scratch_list(with, extra.as_json);
    })->add_flag("--json", extra.as_json, "JSON Lines instead of a table");
    add("drop",
        "Drops one",
        [&extra](const app_settings& with) { return run_scratch_drop(with, extra.scratch); })
        ->add_option("NAME", extra.scratch, "Which one")
        ->required();
}

void declare_diff(CLI::App& program, diff_arguments& what, subcommands& into) {
    auto& made = into.emplace_back(
        program.add_subcommand("diff", "Prints what differs between read models of two moments"),
        [&what](const app_settings& with) { return run_diff(with, what); }
    );
    auto& diff = *made.app;
    add_data_options(diff, made.settings);
    diff.footer("A side is a time, the name of a scratch schema, or live.");
    diff.add_option("--from", what.from, "The side before")->type_name("SIDE")->required();
    diff.add_option("--to", what.to, "The side after")->type_name("SIDE")->capture_default_str();
    diff.add_option("--projection", what.projections, "This read model alone; may be repeated");
    diff.add_option(
        "--column", what.columns, "Changes of this column alone count; may be repeated"
    );
    diff.add_option("--organization", what.organization, "Of two times: events of this one alone")
        ->type_name("ID");
    diff.add_flag("--json", what.as_json, "The rows as JSON Lines");
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

}  // namespace

void declare_history(CLI::App& program, extra_arguments& extra, subcommands& into) {
    declare_analysts(program, extra, into);
    declare_replay(program, extra.replay, into);
    declare_scratch(program, extra, into);
    declare_diff(program, extra.diff, into);
    declare_erase(program, extra, into);
}

}  // namespace teamflow::app
