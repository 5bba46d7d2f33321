#include <string>
#include <vector>

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include "app/subcommands.hpp"
#include "generation/pattern.hpp"

namespace teamflow::app {

namespace {

const std::vector<std::string> parts{
    "tests", "documentation", "sample_data", "dockerfiles", "cicd", "environment_configs"
};

std::vector<std::string> categories() {
    std::vector<std::string> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<generation::category>>(
        [&](auto each) { names.emplace_back(each.name); }
    );
    return names;
}

void declare_generate(CLI::App& program, generate_arguments& what, subcommands& into) {
    auto* generate =
        program.add_subcommand("generate", "Writes a FastAPI application from a domain model");
    generate
        ->add_option(
            "model", what.model, "File (.yaml, .json, .sql, .dbml, .jdl) or built-in domain"
        )
        ->required();
    generate->add_option("--out", what.out, "Directory, new or empty");
    generate->add_option("--patterns", what.patterns, "Directory with patterns of your own")
        ->check(CLI::ExistingDirectory);
    generate->add_flag("--minimal", what.minimal, "Without monitoring, updates, shared limits");
    generate->add_option("--without", what.without, "Parts to leave out, with commas between")
        ->delimiter(',')
        ->check(CLI::IsMember(parts));
    auto* entities =
        generate->add_option("--entities", what.entities, "Of these alone, with commas between")
            ->delimiter(',');
    generate
        ->add_flag("--with-targets", what.add_targets, "And of those that their relations lead to")
        ->needs(entities);
    auto* force = generate->add_flag("--force", what.force, "Replaces what is in the directory");
    generate
        ->add_flag(
            "--merge", what.merge, "Keeps edits of what was generated there, by three-way merge"
        )
        ->excludes(force);
    generate->add_flag(
        "--preview", what.preview, "Lists the files to come by entity and writes nothing"
    );
    generate->add_flag(
        "--estimate", what.estimate, "Tells how complex the model is and how long it takes"
    );
    generate->add_flag("--json", what.as_json, "One line of JSON about the result");
    into.emplace_back(generate, [&what](const app_settings&) { return run_generate(what); });
}

void declare_model(CLI::App& program, model_arguments& what, subcommands& into) {
    auto* model = program.add_subcommand("model", "Prints a domain model in its canonical form");
    model->add_option(
        "model", what.model, "File (.yaml, .json, .sql, .dbml, .jdl) or built-in domain"
    );
    model->add_option("--to", what.to, "Another language: sql, dbml, jdl, mermaid");
    auto* schema = model->add_flag("--schema", what.schema, "The JSON Schema of models instead");
    model->add_flag("--hash", what.hash, "The SHA-256 of the canonical form instead")
        ->excludes(schema);
    into.emplace_back(model, [&what](const app_settings&) { return run_model(what); });
}

void declare_patterns(CLI::App& program, patterns_arguments& what, subcommands& into) {
    auto* patterns = program.add_subcommand(
        "patterns", "Lists the patterns that applications are generated from"
    );
    patterns->add_option("words", what.words, "All of them occur in its name, summary or text");
    patterns->add_option("--category", what.category, "Of this category alone")
        ->check(CLI::IsMember(categories()));
    patterns->add_option("--runs", what.runs, "Reports of `prove --json`: a file or a directory")
        ->check(CLI::ExistingPath);
    patterns->add_option("--patterns", what.patterns, "Directory with patterns of your own")
        ->check(CLI::ExistingDirectory);
    patterns->add_flag(
        "--production-ready", what.production_ready, "Measured, and ready by 90 % or more"
    );
    patterns->add_option("--top", what.top, "At most so many, the best first");
    patterns->add_flag("--json", what.as_json, "One line of JSON");
    into.emplace_back(patterns, [&what](const app_settings&) { return run_patterns(what); });
}

void declare_compare(CLI::App& program, compare_arguments& what, subcommands& into) {
    auto* compare =
        program.add_subcommand("compare", "Shows what people changed in a generated application");
    compare->add_option("directory", what.directory, "What `generate` wrote")
        ->required()
        ->check(CLI::ExistingDirectory);
    compare->add_option("files", what.files, "Of these files alone, such as src/main.py");
    compare->add_option("--patterns", what.patterns, "Directory with patterns of your own")
        ->check(CLI::ExistingDirectory);
    compare->add_flag("--json", what.as_json, "One line of JSON, with all files");
    into.emplace_back(compare, [&what](const app_settings&) { return run_compare(what); });
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
    prove->add_flag("--quick", what.quick, "One seed of schemathesis, and no limit for the start");
    into.emplace_back(prove, [&what](const app_settings&) { return run_prove(what); });
}

}  // namespace

void declare_generator(CLI::App& program, extra_arguments& extra, subcommands& into) {
    declare_generate(program, extra.generate, into);
    declare_compare(program, extra.compare, into);
    declare_model(program, extra.model, into);
    declare_patterns(program, extra.patterns, into);
    declare_prove(program, extra.prove, into);
}

}  // namespace teamflow::app
