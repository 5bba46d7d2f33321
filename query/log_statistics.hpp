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
#include "query/history.hpp"

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

/// Events of one type, on all days.
struct type_total {
    std::string type;
    std::int64_t events = 0;
    std::int64_t bytes = 0;
    events::timestamp first;
    events::timestamp last;
};
BOOST_DESCRIBE_STRUCT(type_total, (), (type, events, bytes, first, last))

/// What is counted; what is empty counts all.
struct statistics_filter {
    std::optional<events::organization_id> organization;
    /// Included.
    std::optional<events::timestamp> from;
    /// Not included.
    std::optional<events::timestamp> to;
};

/// By type: rows of type_total.
history_page totals_page(const statistics_filter& filter);

/// The streams with the most events, at most `limit`: rows of stream_statistics.
history_page hottest_page(const statistics_filter& filter, std::int32_t limit);

/// By day, then by type. Reads the events of the time that is asked for: the caller bounds it.
/// Throws postgres_error.
infra::task<std::vector<type_statistics>> statistics_by_type(
    infra::postgres::pool& database, statistics_filter filter
);

/// What hottest_page() asks for. As above.
infra::task<std::vector<stream_statistics>> hottest_streams(
    infra::postgres::pool& database, statistics_filter filter, std::int32_t limit
);

}  // namespace teamflow::query
