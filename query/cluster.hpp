#pragma once
// What operators see of the instance: its processes, the log's partitions and their owners.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"
#include "events/json/write.hpp"
#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/pool.hpp"
#include "query/observer.hpp"

namespace teamflow::query {

struct node_view {
    events::uuid id{};
    /// Where other nodes reach it; empty without the gateway role.
    std::string address;
    std::vector<std::string> roles;
    std::string host;
    std::int32_t process_id = 0;
    std::string version;
    events::timestamp started_at;
    events::timestamp seen_at;
    /// Whether it gave a sign of life within the last seconds.
    bool is_alive = false;
    /// The partitions that it owns, whose commands it decides.
    std::vector<events::partition_id> partitions;
    /// The read models that it builds.
    std::vector<std::string> projections;
    /// The partitions whose events it brings into them.
    std::vector<events::partition_id> projected_partitions;
};
BOOST_DESCRIBE_STRUCT(
    node_view,
    (),
    (id,
     address,
     roles,
     host,
     process_id,
     version,
     started_at,
     seen_at,
     is_alive,
     partitions,
     projections,
     projected_partitions)
)

/// One claim of a partition.
struct epoch_view {
    events::offset offset = -1;
    events::uuid writer{};
    /// Of the process that claimed.
    std::string address;
    events::timestamp claimed_at;
    /// When the next claim ended it; null for the current one.
    std::optional<events::timestamp> ended_at;
    /// Records of it that count for nobody, because they came behind the next claim or out of turn.
    std::int64_t ghosts = 0;
};
BOOST_DESCRIBE_STRUCT(epoch_view, (), (offset, writer, address, claimed_at, ended_at, ghosts))

struct partition_view {
    events::partition_id partition = 0;
    /// Of the last record; null while the log cannot be asked.
    std::optional<events::offset> end;
    /// Up to where the archive in PostgreSQL reaches.
    events::offset archived = -1;
    /// Where the newest claim that is known came from, and when.
    std::string owner;
    std::optional<events::timestamp> owned_since;
    std::int64_t ghosts = 0;
    std::int64_t claims = 0;
    /// Null until the observer has looked.
    std::optional<follower_health> health;
    /// The newest first, at most ten.
    std::vector<epoch_view> epochs;
};
BOOST_DESCRIBE_STRUCT(
    partition_view,
    (),
    (partition, end, archived, owner, owned_since, ghosts, claims, health, epochs)
)

struct log_view {
    events::uuid log_id{};
    std::string backend;
    events::timestamp created_at;
    std::vector<partition_view> partitions;
};
BOOST_DESCRIBE_STRUCT(log_view, (), (log_id, backend, created_at, partitions))

/// All processes that were seen within a day, the youngest last. Throws postgres_error.
infra::task<std::vector<node_view>> nodes(infra::postgres::pool& database);

/// The log without health. Throws postgres_error.
infra::task<log_view> log_status(infra::postgres::pool& database, const infra::log_tail& tail);

/// Adds claims that the log has and its archive not yet. What they end is told so.
void add_newer_claims(partition_view& to, std::vector<epoch_view> oldest_first);

/// Everything that follows the log, as it stands now: partitions in order, then read models by
/// name. Throws postgres_error.
infra::task<std::vector<follower_sample>> follower_samples(
    infra::postgres::pool& database, const infra::log_tail& tail
);

}  // namespace teamflow::query
