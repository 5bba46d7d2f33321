#pragma once
// `teamflow replay`: the history of events as a stream of text or as read models, for analysts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"

namespace teamflow::app {

/// How long a scratch schema stays unless it is told.
inline constexpr std::string_view usual_keep = "24h";

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
    /// A schema to build read models in, instead of writing text.
    std::string into;
    /// As `from`: events later than this do not count.
    std::string as_of;
    /// Names; all without any.
    std::vector<std::string> projections;
    /// How long the schema stays: 30m, 24h, 7d.
    std::string keep;
};

/// Writes the valid events that are asked for, partition by partition in the order of offsets,
/// personal fields sealed, up to where the archive reached at the start; or builds read models of
/// them (run_replay_into). Ends early in good order at SIGINT and SIGTERM. Returns the exit code;
/// failures are exceptions for main(), after what was written whole is told on stderr.
int run_replay(const app_settings& settings, const replay_arguments& what);

}  // namespace teamflow::app
