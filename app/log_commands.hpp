#pragma once
// `teamflow log info|tail|copy|restore-tail`. Each returns the exit code; failures are exceptions
// for main().

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"

namespace teamflow::app {

/// Which log the database holds, and how far each partition and its archive reach.
int run_log_info(const app_settings& settings, bool as_json);

struct log_tail_arguments {
    std::int32_t lines = 10;
    bool follow = false;
    /// A position list: everything behind it instead of the last lines.
    std::string after;
    std::vector<std::string> types;
    std::optional<std::string> stream;
    std::string organization;
};

/// Prints valid events as JSON Lines, personal fields sealed.
int run_log_tail(const app_settings& settings, const log_tail_arguments& what);

/// Moves the history of a database whose programs are stopped to the other kind of log: offsets and
/// ids stay. `from` is what the source must be, when it is named.
int run_log_copy(
    const app_settings& settings, const std::optional<log_backend>& from, log_backend to
);

/// Sends to the topic what it lacks at its end and the archive has, at the archived offsets, for a
/// database whose programs are stopped. `wait` is for how many seconds the topic must have ended
/// where it does; as long as the programs wait themselves when it is not named.
int run_log_restore_tail(const app_settings& settings, std::optional<std::int32_t> wait);

}  // namespace teamflow::app
