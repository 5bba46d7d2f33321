#pragma once
// How the read models stand: what operators see of each projection.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/pool.hpp"
#include "query/rebuild.hpp"

namespace teamflow::query {

struct projection_view {
    std::string name;
    std::int32_t version = 0;
    std::string status;
    /// Records of the log behind its checkpoints, over all partitions; null while the log's end
    /// cannot be asked for.
    std::optional<std::int64_t> lag_events;
    /// Age of the oldest record that it has not read; 0 when it has read all, null when it is not
    /// known.
    std::optional<double> lag_seconds;
    /// `{"<partition>": offset}`.
    events::json::raw position;
    std::int64_t parked = 0;
    /// That goes on now.
    std::optional<rebuild_progress> rebuild;
    /// The newest rebuild, if it has ended, and until when the build before can be returned to:
    /// both are told apart (newest_rebuild).
    std::optional<rebuild_progress> last_rebuild;
    std::optional<events::timestamp> undo_until;
    /// Over all partitions; not told, for whoever watches whether it moves.
    std::int64_t records_read = 0;
};
BOOST_DESCRIBE_STRUCT(
    projection_view, (), (name, version, status, lag_events, lag_seconds, position, parked, rebuild)
)

/// The newest rebuild of a projection, whether it goes on or has ended.
struct newest_rebuild {
    std::string name;
    /// Of the projection: `live` once it has ended.
    std::string status;
    /// Null before the first one.
    std::optional<rebuild_progress> rebuild;
    /// Until when the build before can be returned to; null when none is kept.
    std::optional<events::timestamp> undo_until;
};
BOOST_DESCRIBE_STRUCT(newest_rebuild, (), (name, status, rebuild, undo_until))

/// As a projection's status has it.
newest_rebuild newest_rebuild_of(const projection_view& view);

/// Since when the log may have been silent for its end to be believed.
inline constexpr std::chrono::milliseconds log_silence_max{5000};

/// Where a build stands in one partition, as the database has it.
struct projection_place {
    std::string name;
    std::int32_t version = 0;
    std::string status;
    /// Positions up to which it has to come to be live.
    std::string target;
    std::int64_t running_ms = 0;
    std::int64_t parked = 0;
    std::optional<events::timestamp> undo_until;
    events::partition_id partition = 0;
    events::offset at = -1;
    /// Of the first record behind it; null when the archive has none.
    std::optional<events::timestamp> unread_since;
    events::timestamp now;
};
BOOST_DESCRIBE_STRUCT(
    projection_place,
    (),
    (name, version, status, target, running_ms, parked, undo_until, partition, at, unread_since, now
    )
)

/// Of one projection, all of its places, at least one.
projection_view view_of(std::span<const projection_place> places, const infra::log_tail& tail);

/// All projections by name, or the one of that name. Throws postgres_error.
infra::task<std::vector<projection_view>> projection_status(
    infra::postgres::pool& database, const infra::log_tail& tail, std::optional<std::string> name
);

}  // namespace teamflow::query
