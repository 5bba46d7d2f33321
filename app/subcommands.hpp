#pragma once
// The subcommands with their arguments: each family declares its own, main() runs one.

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/analyst_commands.hpp"
#include "app/compare.hpp"
#include "app/diff_command.hpp"
#include "app/erase.hpp"
#include "app/generate.hpp"
#include "app/log_commands.hpp"
#include "app/model_command.hpp"
#include "app/options.hpp"
#include "app/patterns.hpp"
#include "app/prove.hpp"
#include "app/rebuild_commands.hpp"
#include "app/replay.hpp"
#include "app/scratch_commands.hpp"

namespace teamflow::app {

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
    std::string event;
    log_statistics_arguments statistics;
    log_copy_arguments copy;
    generate_arguments generate;
    compare_arguments compare;
    model_arguments model;
    prove_arguments prove;
    patterns_arguments patterns;
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
    std::string scratch;
    diff_arguments diff;
};

// Each family: `into` gets its subcommands, whose options keep references into `extra`.

/// dev, gateway, projector.
void declare_servers(CLI::App& program, subcommands& into);
/// migrate, doctor, check-log, operator, docs.
void declare_care(CLI::App& program, extra_arguments& extra, subcommands& into);
/// log.
void declare_log(CLI::App& program, extra_arguments& extra, subcommands& into);
/// projections, rebuild, verify, explain, parked.
void declare_read_models(CLI::App& program, extra_arguments& extra, subcommands& into);
/// replay, scratch, diff, analyst, erase.
void declare_history(CLI::App& program, extra_arguments& extra, subcommands& into);
/// generate, compare, model, patterns, prove.
void declare_generator(CLI::App& program, extra_arguments& extra, subcommands& into);

}  // namespace teamflow::app
