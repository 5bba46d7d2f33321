#pragma once
// An event as clients see it: one shape for history, streams of events and activities.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "events/record.hpp"
#include "infra/postgres/result.hpp"

namespace teamflow::query {

/// `data` and `schema_version` are brought forward to the newest version: clients see one shape of
/// each type. json::write makes its text. Personal fields in `data` are still sealed: open_personal
/// (gateway/api/route.hpp) opens them on the way out.
struct event_view {
    events::event_id id;
    std::string type;
    std::int16_t schema_version = 1;
    std::string stream;
    std::int64_t stream_version = 0;
    events::organization_id organization_id;
    std::string actor;
    events::timestamp time;
    events::uuid correlation_id{};
    std::optional<events::uuid> causation_id;
    events::partition_id partition = 0;
    events::offset offset = -1;
    events::json::raw data;
};
BOOST_DESCRIBE_STRUCT(
    event_view,
    (),
    (id,
     type,
     schema_version,
     stream,
     stream_version,
     organization_id,
     actor,
     time,
     correlation_id,
     causation_id,
     partition,
     offset,
     data)
)

/// What the types of invitations' events begin with. Addresses of people who are no members yet
/// concern those who invite: admins and owners alone read these events.
inline constexpr std::string_view invitation_types = "organization.invitation_";

/// The columns of the view `teamflow.events as e` that read_event() expects,
/// in order, for a select list.
inline constexpr std::string_view event_columns =
    R"(e.id, e.type, e.schema_version, e.stream, e.stream_version, e.organization, e.actor,)"
    R"( e.time, e.correlation_id, e.causation_id, e.partition, e."offset", e.data)";

/// Reads a row that was selected with event_columns. Throws
/// infra::column_error when it was not.
event_view read_event(const infra::postgres::result& rows, std::size_t row);

/// The same into a view that there is: its texts keep their memory.
void read_event(const infra::postgres::result& rows, std::size_t row, event_view& into);

/// All rows of such a result.
std::vector<event_view> read_events(const infra::postgres::result& rows);

/// An event that came from the log.
event_view view_of(const events::record& record);

}  // namespace teamflow::query
