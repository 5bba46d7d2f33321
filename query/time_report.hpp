#pragma once
// Reports: logged time summed up by project, task, user, category, tag, day and billable.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/json/problem.hpp"
#include "query/time_log.hpp"

namespace teamflow::query {

enum class report_key { project, task, user, category, tag, day, billable };
BOOST_DESCRIBE_ENUM(report_key, project, task, user, category, tag, day, billable)

/// What a report is about. Days begin and end in the time zone `tz`, an IANA name.
struct report_request {
    /// Keys with commas between them, `project,day`.
    std::optional<events::json::text<1, 100>> group_by;
    std::optional<time_bound> from;
    std::optional<time_bound> to;
    std::optional<events::json::text<1, 64>> tz;
    std::optional<events::project_id> project_id;
    std::optional<events::user_id> user_id;
};
BOOST_DESCRIBE_STRUCT(report_request, (), (group_by, from, to, tz, project_id, user_id))

/// One sum. Members that the report is not grouped by are null. A log of a task with several tags
/// counts in the row of each.
struct report_row {
    std::optional<events::project_id> project_id;
    std::optional<std::string> project_name;
    std::optional<events::task_id> task_id;
    std::optional<std::string> task_title;
    std::optional<events::user_id> user_id;
    std::optional<std::string> category;
    std::optional<std::string> tag;
    std::optional<events::date> day;
    std::optional<bool> billable;
    std::int64_t logs = 0;
    std::int64_t total_time_seconds = 0;
    std::int64_t billable_time_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    report_row,
    (),
    (project_id,
     project_name,
     task_id,
     task_title,
     user_id,
     category,
     tag,
     day,
     billable,
     logs,
     total_time_seconds,
     billable_time_seconds)
)

/// The sums at the end are those of all logs, each counted once.
struct time_report {
    std::vector<report_key> group_by;
    std::string tz;
    std::vector<report_row> rows;
    std::int64_t logs = 0;
    std::int64_t total_time_seconds = 0;
    std::int64_t billable_time_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    time_report, (), (group_by, tz, rows, logs, total_time_seconds, billable_time_seconds)
)

/// A report with more rows is refused.
inline constexpr std::size_t report_rows_max = 10'000;

/// Sums over the time logs of an organization; running ones count up to `now`. Faults name
/// `group_by` and `tz`.
infra::task<std::expected<time_report, events::json::problems>> report_time(
    infra::postgres::pool& database,
    events::organization_id organization,
    const report_request& asked,
    events::timestamp now
);

/// The report as CSV (RFC 4180): a line of names, then one for each row.
std::string to_csv(const time_report& report);

}  // namespace teamflow::query
