#pragma once
// `teamflow replay`: the history of events as a stream of text, for analysts.

#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"

namespace teamflow::app {

/// What the command line says; empty texts were not given.
struct replay_arguments {
    /// RFC 3339, or a day.
    std::string from;
    std::string to;
    /// Position lists.
    std::string after;
    std::string until;
    std::vector<std::string> types;
    std::optional<std::string> stream;
    std::string organization;
    std::optional<std::string> actor;
    std::string correlation;
    /// jsonl or csv; nothing is jsonl, or what the manifest that is resumed says.
    std::optional<std::string> format;
    /// Go on with events as they come.
    bool follow = false;
    /// Files: what is written to instead of stdout, what tells of it, and what an earlier run told.
    std::string out;
    std::string manifest;
    std::string resume;
    /// Tell how far it is even where stderr is no terminal.
    bool progress = false;
};

/// Writes the valid events that are asked for, partition by partition in the order of offsets,
/// personal fields sealed, up to where the archive reached at the start. Ends early in good order
/// at SIGINT and SIGTERM. Returns the exit code; failures are exceptions for main(), after what was
/// written whole is told on stderr.
int run_replay(const app_settings& settings, const replay_arguments& what);

}  // namespace teamflow::app
