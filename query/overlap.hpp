#pragma once
// Time that one person logged twice: logs may overlap, and a timesheet tells where they do.

#include <cstdint>
#include <span>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"
#include "events/time.hpp"

namespace teamflow::query {

/// A time log from its start to its end, or to now.
struct logged_span {
    events::time_log_id id;
    events::task_id task_id;
    events::timestamp start_time;
    events::timestamp end_time;
    /// Its own time counts in the timesheet; else it is there for others to overlap with.
    bool is_counted = true;
};
BOOST_DESCRIBE_STRUCT(logged_span, (), (id, task_id, start_time, end_time, is_counted))

/// A log that begins before another one has ended, and the time that both have.
struct overlap {
    events::time_log_id time_log_id;
    events::task_id task_id;
    /// Of those that began before it the one that lasts longest.
    events::time_log_id other_time_log_id;
    events::task_id other_task_id;
    events::timestamp start_time;
    events::timestamp end_time;
    std::int64_t duration_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    overlap,
    (),
    (time_log_id, task_id, other_time_log_id, other_task_id, start_time, end_time, duration_seconds)
)

/// The overlaps of logs that come in order of their start; at most one for each log, with what was
/// logged before it. So all logs together last as long as the time that they cover and their
/// overlaps.
std::vector<overlap> overlaps_of(std::span<const logged_span> logs);

}  // namespace teamflow::query
