#include "app/subcommands.hpp"

namespace teamflow::app {

namespace {

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

}  // namespace

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
    declare_parked(program, extra.parked, into);
}

}  // namespace teamflow::app
