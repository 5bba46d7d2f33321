#pragma once
// Reads and judges all of a log for `teamflow log verify`.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "app/offline_log.hpp"
#include "infra/kafka/settings.hpp"
#include "infra/log/log_check.hpp"

namespace teamflow::app {

struct told_fault {
    events::partition_id partition = 0;
    std::optional<events::offset> offset;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(told_fault, (), (partition, offset, what))

struct told_partition {
    events::partition_id partition = 0;
    events::offset end = -1;
    std::int64_t events = 0;
    std::int64_t claims = 0;
    std::int64_t ghosts = 0;
    std::int64_t incomplete = 0;
    std::int64_t anchors_checked = 0;
    /// The chain's head after the last whole commit, in hexadecimal.
    std::string hash;
};
BOOST_DESCRIBE_STRUCT(
    told_partition, (), (partition, end, events, claims, ghosts, incomplete, anchors_checked, hash)
)

/// What a run found, as it is told.
struct verification {
    events::uuid log_id{};
    bool ok = false;
    std::int64_t records = 0;
    std::int64_t milliseconds = 0;
    bool compared_with_topic = false;
    std::int64_t anchors_written = 0;
    std::vector<told_partition> partitions;
    std::int64_t fault_count = 0;
    /// The first ones.
    std::vector<told_fault> faults;
};
BOOST_DESCRIBE_STRUCT(
    verification,
    (),
    (log_id,
     ok,
     records,
     milliseconds,
     compared_with_topic,
     anchors_written,
     partitions,
     fault_count,
     faults)
)

/// One run. Its threads share it; whoever began it looks at `records` meanwhile, and at `found` and
/// `anchors` once all have ended.
struct log_verification {
    std::string url;
    recorded_log log;
    std::vector<events::checkpoint> ends;
    /// Of a log whose topic is compared, too.
    std::optional<infra::kafka::settings> topic;
    std::atomic<events::partition_id> next_partition = 0;
    std::atomic<std::int64_t> records = 0;
    /// A thread failed, so that the others need not go on.
    std::atomic<bool> failed = false;
    std::mutex results;
    verification found;
    std::vector<infra::log_anchor> anchors;
};

/// Where the log says that the folds of its partitions stand. Throws postgres_error.
std::vector<events::checkpoint> read_ends(
    infra::postgres::session& database, const recorded_log& log
);

/// Checks one partition after the other until none is left; for any number of threads. Throws
/// postgres_error, log_unavailable.
void check_partitions(log_verification& work);

/// Checks what concerns events far apart: versions of streams, and ids. For one thread. Throws
/// postgres_error.
void check_streams(log_verification& work);

}  // namespace teamflow::app
