#pragma once
// `teamflow projections|rebuild|verify|parked|explain`. Each returns the exit code; failures are
// exceptions for main().

#include <cstdint>
#include <optional>
#include <string>

#include "app/settings.hpp"

namespace teamflow::app {

/// How the read models stand; the one of that name if there is one.
int run_projections(const app_settings& settings, const std::string& name, bool as_json);

struct rebuild_arguments {
    std::string name;
    bool all = false;
    bool dry_run = false;
    bool undo = false;
    bool pause = false;
    bool resume = false;
    bool abort = false;
    /// How long the build that is replaced is kept.
    std::int32_t keep_hours = 24;
    /// Does not wait for the end.
    bool detach = false;
    bool as_json = false;
};

/// Asks for rebuilds and tells how they go until their end; 1 when one fails.
int run_rebuild(const app_settings& settings, const rebuild_arguments& what);

struct verify_arguments {
    /// All when it is empty.
    std::string name;
    /// An organization or the key of a row, whose rows are made anew.
    std::string repair;
    bool as_json = false;
};

/// Compares read models with a fresh fold; 1 when one differs.
int run_verify(const app_settings& settings, const verify_arguments& what);

struct parked_arguments {
    std::string name;
    std::string commit;
    std::string reason;
    bool as_json = false;
};

/// What waits in a read model, or in all.
int run_parked_list(const app_settings& settings, const parked_arguments& what);

/// Tries a parked commit again; 1 when it fails again.
int run_parked_retry(const app_settings& settings, const parked_arguments& what);

/// Gives a parked commit up, for a reason.
int run_parked_skip(const app_settings& settings, const parked_arguments& what);

struct explain_arguments {
    /// `tasks.board`, or `board`.
    std::string table;
    /// The values of its key columns, with commas between them.
    std::string key;
    bool as_json = false;
};

/// The events that made a row, with who and by which request; 1 when there is no such row.
int run_explain(const app_settings& settings, const explain_arguments& what);

}  // namespace teamflow::app
