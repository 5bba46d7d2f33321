#pragma once
// `teamflow diff`: what differs between read models of two moments, row by row (R2, R4).

#include <string>
#include <vector>

#include "app/settings.hpp"

namespace teamflow::app {

/// What the command line says; empty texts were not given.
struct diff_arguments {
    /// Each a time, the name of a scratch schema, or `live`.
    std::string from;
    std::string to = "live";
    /// Names; all without any.
    std::vector<std::string> projections;
    /// The columns whose changes count; all without any.
    std::vector<std::string> columns;
    /// Of two moments: the events of this one alone.
    std::string organization;
    bool as_json = false;
};

/// Prints the rows that were added, removed and changed, table by table. What is asked for by time
/// is built in scratch schemas, which are dropped at the end; the live read models are read as they
/// are. Returns the exit code; failures are exceptions for main().
int run_diff(const app_settings& settings, const diff_arguments& what);

}  // namespace teamflow::app
