#include "query/timesheet.hpp"

#include <charconv>
#include <chrono>

#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value);
    return at == end && error == std::errc() && value >= 0 ? std::optional(value) : std::nullopt;
}

/// $4 is the first day and $5 the one after the last, in the time zone $6. Logs from before the
/// week count as long as they reach into it: what begins then overlaps with them.
constexpr infra::postgres::statement find_logs{
    "timesheet_logs",
    "select id, task_id, start_time, greatest(start_time, coalesce(end_time, $3)),"
    " start_time >= ($4::timestamp at time zone $6)"
    " from time_logs.time_log where organization_id = $1 and user_id = $2"
    " and start_time < ($5::timestamp at time zone $6)"
    " and coalesce(end_time, $3) > ($4::timestamp at time zone $6)"
    " order by start_time, id limit 10000"
};

}  // namespace

bool iso_week::matches(std::string_view text) {
    return first_day_of(text).has_value();
}

std::optional<events::date> first_day_of(std::string_view week) {
    if (week.size() != 8 || week.substr(4, 2) != "-W") {
        return std::nullopt;
    }
    const auto year = number(week.substr(0, 4));
    const auto count = number(week.substr(6));
    if (!year || !count || *year < 1 || *count < 1) {
        return std::nullopt;
    }
    using namespace std::chrono;
    // The first week of a year is the one with 4 January in it.
    const sys_days fourth = std::chrono::year(*year) / January / 4;
    const sys_days first = fourth - (weekday(fourth) - Monday);
    const sys_days monday = first + weeks(*count - 1);
    // A week belongs to the year of its Thursday.
    const events::date thursday = monday + days(3);
    if (thursday.year() != std::chrono::year(*year)) {
        return std::nullopt;
    }
    return events::date(monday);
}

infra::task<std::expected<std::optional<timesheet>, events::json::problems>> find_timesheet(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::user_id user,
    const timesheet_request& asked,
    events::timestamp now
) {
    static constexpr infra::postgres::statement find_member{
        "timesheet_member",
        "select from organizations.member where organization_id = $1 and user_id = $2"
    };
    const auto member =
        co_await database.query(find_member, infra::postgres::params::of(organization, user));
    if (member.empty()) {
        co_return std::optional<timesheet>();
    }
    const events::date first = *first_day_of(asked.week.value);
    const events::date last = std::chrono::sys_days(first) + std::chrono::days(6);
    report_request wanted;
    wanted.group_by = events::json::text<1, 100>{"day,project,task"};
    wanted.from = time_bound{events::to_string(first)};
    wanted.to = time_bound{events::to_string(last)};
    wanted.tz = asked.tz;
    wanted.user_id = user;
    auto report = co_await report_time(database, organization, wanted, now);
    if (!report) {
        co_return std::unexpected(std::move(report.error()));
    }
    const events::date after = std::chrono::sys_days(last) + std::chrono::days(1);
    auto week = infra::postgres::params::of(
        organization, user, now, first, after, std::string_view(report->tz)
    );
    const auto logs = co_await database.query(find_logs, std::move(week));
    auto overlaps = overlaps_of(read_rows<logged_span>(logs));
    std::int64_t overlapping = 0;
    for (const auto& each : overlaps) {
        overlapping += each.duration_seconds;
    }
    co_return timesheet{
        .user_id = user,
        .week = asked.week.value,
        .first_day = first,
        .last_day = last,
        .tz = std::move(report->tz),
        .entries = std::move(report->rows),
        .total_time_seconds = report->total_time_seconds,
        .billable_time_seconds = report->billable_time_seconds,
        .overlaps = std::move(overlaps),
        .overlapping_time_seconds = overlapping
    };
}

}  // namespace teamflow::query
