#pragma once
// Reads time logs and running timers.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/time_log.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

/// A time log where it does not stand under its task.
struct time_log_entry : commands::time_log_resource {
    events::task_id task_id;
    events::project_id project_id;
    /// Its timer ran for 24 hours or more.
    bool flagged = false;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(
    time_log_entry,
    (commands::time_log_resource),
    (task_id, project_id, flagged, created_at, updated_at, version)
)

/// An instant, or a day: as a lower bound its beginning in UTC, as an upper bound its end.
struct instant_or_day {
    static constexpr std::string_view pattern =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$";
    static constexpr std::string_view expected = "an RFC 3339 date-time or a date";
    static bool matches(std::string_view text);
};

using time_bound = events::json::formatted<instant_or_day>;

/// What a list of time logs can be narrowed by: logs that begin at or after `from` and before `to`.
struct time_log_filter : page_request {
    std::optional<events::user_id> user_id;
    std::optional<events::project_id> project_id;
    std::optional<events::task_id> task_id;
    std::optional<time_bound> from;
    std::optional<time_bound> to;
    std::optional<bool> billable;
    std::optional<commands::log_category> category;
};
BOOST_DESCRIBE_STRUCT(
    time_log_filter, (page_request), (user_id, project_id, task_id, from, to, billable, category)
)

/// Time logs of an organization, running ones too; those of deleted tasks stay.
infra::task<std::expected<page<time_log_entry>, events::json::problems>> time_logs(
    infra::postgres::pool& database,
    events::organization_id organization,
    const time_log_filter& asked
);

/// One time log; nullopt also for another organization's.
infra::task<std::optional<time_log_entry>> find_time_log(
    infra::postgres::pool& database, events::organization_id organization, events::time_log_id id
);

/// The time logs of one task, newest first unless asked otherwise.
infra::task<std::expected<page<commands::time_log_resource>, events::json::problems>>
time_logs_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    const page_request& asked
);

/// Sums in seconds over the logs of a task.
struct time_totals {
    std::int64_t total_time_seconds = 0;
    std::int64_t billable_time_seconds = 0;
};

/// Finished logs, and running ones up to `now`; nullopt when there is no such task in the
/// organization.
infra::task<std::optional<time_totals>> time_totals_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    events::timestamp now
);

struct running_timer {
    events::time_log_id time_log_id;
    events::task_id task_id;
    std::optional<std::string> task_title;
    events::project_id project_id;
    events::user_id user_id;
    events::timestamp start_time;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
    bool flagged = false;
    std::int64_t version = 0;
    /// Seconds up to now.
    std::int64_t elapsed_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    running_timer,
    (),
    (time_log_id,
     task_id,
     task_title,
     project_id,
     user_id,
     start_time,
     description,
     category,
     is_billable,
     flagged,
     version,
     elapsed_seconds)
)

struct timer_filter : page_request {
    std::optional<events::user_id> user_id;
    std::optional<events::project_id> project_id;
};
BOOST_DESCRIBE_STRUCT(timer_filter, (page_request), (user_id, project_id))

/// The timers that run in an organization.
infra::task<std::expected<page<running_timer>, events::json::problems>> timers(
    infra::postgres::pool& database,
    events::organization_id organization,
    const timer_filter& asked,
    events::timestamp now
);

}  // namespace teamflow::query
