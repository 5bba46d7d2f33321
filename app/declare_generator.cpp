#include "app/subcommands.hpp"

namespace teamflow::app {

namespace {

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

}  // namespace

void declare_generator(CLI::App& program, extra_arguments& extra, subcommands& into) {
    declare_generate(program, extra.generate, into);
    declare_model(program, extra.model, into);
    declare_prove(program, extra.prove, into);
}

}  // namespace teamflow::app
