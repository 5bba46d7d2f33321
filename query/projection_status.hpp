#pragma once
// How the read models stand: what operators see of each projection.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "infra/asio.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

/// How far a build has come that is not live yet.
struct rebuild_progress {
    double percent = 0;
    double events_per_second = 0;
    /// Null while there is no rate to tell it by.
    std::optional<std::int64_t> eta_seconds;
};
BOOST_DESCRIBE_STRUCT(rebuild_progress, (), (percent, events_per_second, eta_seconds))

struct projection_view {
    std::string name;
    std::int32_t version = 0;
    std::string status;
    /// Records of the log behind its checkpoints, over all partitions.
    std::int64_t lag_events = 0;
    /// Age of the oldest record that it has not read; 0 when it has read all.
    double lag_seconds = 0;
    /// `{"<partition>": offset}`.
    events::json::raw position;
    std::int64_t parked = 0;
    std::optional<rebuild_progress> rebuild;
    /// Over all partitions; not told, for whoever watches whether it moves.
    std::int64_t records_read = 0;
};
BOOST_DESCRIBE_STRUCT(
    projection_view, (), (name, version, status, lag_events, lag_seconds, position, parked, rebuild)
)

/// All projections by name, or the one of that name. Throws postgres_error.
infra::task<std::vector<projection_view>> projection_status(
    infra::postgres::pool& database, const infra::log_tail& tail, std::optional<std::string> name
);

}  // namespace teamflow::query
