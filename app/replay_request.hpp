#pragma once
// What a replay is asked for, checked; and the manifest that tells what it wrote.

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "app/replay.hpp"
#include "events/record.hpp"
#include "projections/projection.hpp"
#include "query/history.hpp"

namespace teamflow::app {

enum class replay_format { jsonl, csv };
BOOST_DESCRIBE_ENUM(replay_format, jsonl, csv)

/// What was written of a partition that has events in the output.
struct replayed_partition {
    events::partition_id partition = 0;
    std::int64_t events = 0;
    events::offset first = -1;
    events::offset last = -1;
};
BOOST_DESCRIBE_STRUCT(replayed_partition, (), (partition, events, first, last))

/// Lies beside an output: what is in it, of which log, and where to go on.
struct replay_manifest {
    /// Of the program.
    std::string version;
    events::timestamp made_at;
    events::uuid log_id{};
    replay_format format = replay_format::jsonl;
    query::history_filter filters;
    /// Position lists: what was asked for lies behind the one and up to the other.
    std::string after;
    std::string until;
    std::int64_t events = 0;
    std::int64_t bytes = 0;
    /// Of the bytes written.
    std::string sha256;
    std::vector<replayed_partition> partitions;
    /// False when it ended before all was written.
    bool complete = false;
    /// A position list, for `--after`: what comes behind it was not written.
    std::string next_after;
};
BOOST_DESCRIBE_STRUCT(
    replay_manifest,
    (),
    (version,
     made_at,
     log_id,
     format,
     filters,
     after,
     until,
     events,
     bytes,
     sha256,
     partitions,
     complete,
     next_after)
)

/// Read models to be built, and where.
struct scratch_request {
    std::string schema;
    /// What it is made of, for those who find it.
    std::string purpose;
    std::optional<events::timestamp> as_of;
    std::vector<const projections::projection*> models;
    std::chrono::seconds keep{};
};

struct replay_request {
    query::history_filter filter;
    replay_format format = replay_format::jsonl;
    std::vector<events::position> after;
    std::vector<events::position> until;
    /// Of the manifest that is resumed: another log's positions mean something else.
    std::optional<events::uuid> log_id;
    /// Instead of text.
    std::optional<scratch_request> scratch;
};

/// Every fault of the arguments as a sentence for people, or what they ask for. Reads the manifest
/// that is resumed.
std::expected<replay_request, std::vector<std::string>> check(const replay_arguments& what);

/// Puts the manifest where `file` says, whole or not at all. Throws std::runtime_error.
void save(const replay_manifest& manifest, const std::filesystem::path& file);

}  // namespace teamflow::app
