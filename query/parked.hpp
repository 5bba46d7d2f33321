#pragma once
// The commits that wait behind poison, as operators see them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

struct parked_view {
    /// The commit's.
    events::uuid id{};
    events::partition_id partition = 0;
    /// Of its first event that the projection takes.
    events::offset offset = -1;
    std::string key;
    std::string type;
    std::string error;
    std::int32_t attempt = 1;
    events::timestamp parked_at;
    /// How many commits wait under its keys, itself among them.
    std::int64_t waiting = 0;
};
BOOST_DESCRIBE_STRUCT(
    parked_view, (), (id, partition, offset, key, type, error, attempt, parked_at, waiting)
)

/// The parked commits of the live build in order of their place, at most `limit`; or the one of
/// that id. Throws postgres_error.
infra::task<std::vector<parked_view>> parked_commits(
    infra::postgres::pool& database,
    std::string projection,
    std::optional<events::uuid> commit,
    std::int32_t limit
);

}  // namespace teamflow::query
