#pragma once
// Timesheets: the logged time of one person in one ISO week (ISO 8601, weeks from Monday).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "query/overlap.hpp"
#include "query/time_report.hpp"

namespace teamflow::query {

/// A week as clients write it.
struct iso_week {
    static constexpr std::string_view pattern = "^[0-9]{4}-W[0-9]{2}$";
    static constexpr std::string_view expected = "an ISO week such as 2026-W47";
    static bool matches(std::string_view text);
};

struct timesheet_request {
    events::json::formatted<iso_week> week;
    std::optional<events::json::text<1, 64>> tz;
};
BOOST_DESCRIBE_STRUCT(timesheet_request, (), (week, tz))

/// `entries` are the sums of each day and task, in order of days. Logs may overlap: `overlaps`
/// names those that begin in the week while an earlier one goes on, and their time counts in the
/// sums.
struct timesheet {
    events::user_id user_id;
    std::string week;
    events::date first_day;
    events::date last_day;
    std::string tz;
    std::vector<report_row> entries;
    std::int64_t total_time_seconds = 0;
    std::int64_t billable_time_seconds = 0;
    std::vector<overlap> overlaps;
    std::int64_t overlapping_time_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    timesheet,
    (),
    (user_id,
     week,
     first_day,
     last_day,
     tz,
     entries,
     total_time_seconds,
     billable_time_seconds,
     overlaps,
     overlapping_time_seconds)
)

/// Monday of a week; nullopt for text that names none.
std::optional<events::date> first_day_of(std::string_view week);

/// The timesheet of a person; nullopt inside for who never was a member of the organization.
/// Faults name `tz`.
infra::task<std::expected<std::optional<timesheet>, events::json::problems>> find_timesheet(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::user_id user,
    const timesheet_request& asked,
    events::timestamp now
);

}  // namespace teamflow::query
