#pragma once
// What happened how often, and how much room it takes: figures of the log over some days.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

/// Events of one type on one day (UTC).
struct type_statistics {
    std::string type;
    events::date day;
    std::int64_t events = 0;
    /// Of their data as JSON text.
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(type_statistics, (), (type, day, events, bytes))

struct stream_statistics {
    events::organization_id organization_id;
    std::string stream;
    std::int64_t events = 0;
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(stream_statistics, (), (organization_id, stream, events, bytes))

struct statistics_filter {
    std::optional<events::organization_id> organization;
    /// Included.
    events::timestamp from;
    /// Not included.
    events::timestamp to;
};

/// By day, then by type. Reads the events of the time that is asked for: the caller bounds it.
/// Throws postgres_error.
infra::task<std::vector<type_statistics>> statistics_by_type(
    infra::postgres::pool& database, statistics_filter filter
);

/// The streams with the most events, at most `limit`. As above.
infra::task<std::vector<stream_statistics>> hottest_streams(
    infra::postgres::pool& database, statistics_filter filter, std::int32_t limit
);

}  // namespace teamflow::query
