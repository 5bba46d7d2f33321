#pragma once
// `teamflow replay --into SCHEMA`: read models as of a moment, or of some events alone.

#include <string>

#include "app/replay_request.hpp"

namespace teamflow::app {

/// Builds the read models that are asked for in a schema of their own, which is recorded with its
/// lifetime, and prints how many rows each table has. Reads the archive; the live read models,
/// their checkpoints and the log are not touched. A failure, SIGINT or SIGTERM leaves no schema
/// behind. Returns the exit code; failures are exceptions for main().
int run_replay_into(const std::string& url, const replay_request& asked);

}  // namespace teamflow::app
