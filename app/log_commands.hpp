#pragma once
// `teamflow log info|tail|causes|statistics|copy|restore-tail|verify`. Each returns the exit code;
// failures are exceptions for main().

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

/// Prints the events of the request that led to this one as a tree: what led to what. 1 when there
/// is no such event.
int run_log_causes(const app_settings& settings, const std::string& event);

struct log_statistics_arguments {
    /// RFC 3339, or a day; empty for all of the log.
    std::string from;
    std::string to;
    std::string organization;
    /// Of the streams.
    std::int32_t limit = 10;
    bool as_json = false;
};

/// Counts the events of the archive by type, with the size of their data and when they came, and
/// names the streams with the most. Holds a line for each type and stream that it prints, however
/// many events there are.
int run_log_statistics(const app_settings& settings, const log_statistics_arguments& what);

struct log_copy_arguments {
    /// What the source must be.
    std::optional<log_backend> from;
    /// What it becomes; stays what it is without.
    std::optional<log_backend> to;
    /// How many it gets; as many as it has without.
    std::optional<std::int32_t> partitions;
    /// Where a log on Kafka goes to; the topic of the settings without.
    std::optional<std::string> to_topic;
};

/// Moves the history of a database whose programs are stopped to the other kind of log, where
/// offsets and ids stay, to another number of partitions, where offsets are new, or both. A failure
/// leaves the old log as it was.
int run_log_copy(const app_settings& settings, const log_copy_arguments& what);

/// Sends to the topic what it lacks at its end and the archive has, at the archived offsets, for a
/// database whose programs are stopped. `wait` is for how many seconds the topic must have ended
/// where it does; as long as the programs wait themselves when it is not named.
int run_log_restore_tail(const app_settings& settings, std::optional<std::int32_t> wait);

struct log_verify_arguments {
    /// Keeps the heads of the chains when nothing is wrong.
    bool anchor = false;
    bool as_json = false;
};

/// Reads all of the archive, and of a topic whose brokers the settings name, and compares: offsets,
/// kinds, commits, streams, ids, and the hash chain with its anchors. 1 when anything is wrong.
/// Programs may be running.
int run_log_verify(const app_settings& settings, const log_verify_arguments& what);

}  // namespace teamflow::app
