#pragma once
// History folded into read models by a command that somebody waits for and may end.

#include <span>
#include <string>
#include <vector>

#include "projections/rebuild/moment_fold.hpp"

namespace teamflow::app {

/// Throws std::runtime_error once SIGINT or SIGTERM has come (app/signals.hpp).
void end_if_interrupted();

/// projections::fold_history, which tells on stderr when it gives way to live work, and ends at
/// SIGINT and SIGTERM whatever it waits for. Throws as that does, and as end_if_interrupted.
std::vector<projections::folded_model> fold_for_command(
    const std::string& url,
    const std::string& schema,
    std::span<const projections::projection* const> models,
    const projections::history_part& part
);

}  // namespace teamflow::app
