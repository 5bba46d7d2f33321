#include "query/time_log.hpp"

#include <algorithm>
#include <chrono>

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

constexpr std::string_view log_columns =
    "select l.id, l.user_id, l.start_time, l.end_time, l.duration_seconds, "
    "null::double precision, l.description, l.category, l.is_billable";

constexpr std::string_view entry_columns =
    "select l.id, l.user_id, l.start_time, l.end_time, l.duration_seconds, "
    "null::double precision, l.description, l.category, l.is_billable, l.task_id, l.project_id, "
    "l.flagged, l.created_at, l.updated_at, l.version";

list_definition list_of(std::string_view name, std::string_view columns) {
    return {
        .name = name,
        .select = columns,
        .from = "from time_logs.time_log l",
        .sorts =
            {{"start_time", "l.start_time", "timestamptz"},
             {"duration_seconds", "coalesce(l.duration_seconds, 9223372036854775807)", "bigint"},
             {"updated_at", "l.updated_at", "timestamptz"}},
        .tie = "l.id",
        .default_sort = "-start_time",
    };
}

void set_hours(commands::time_log_resource& log) {
    if (log.duration_seconds) {
        log.duration_hours = commands::to_hours(*log.duration_seconds);
    }
}

/// The instant that a bound stands for.
events::timestamp instant_of(const time_bound& bound, bool is_upper) {
    if (const auto day = events::parse_date(bound.value)) {
        return std::chrono::sys_days(*day) + std::chrono::days(is_upper ? 1 : 0);
    }
    return *events::parse_timestamp(bound.value);
}

}  // namespace

bool instant_or_day::matches(std::string_view text) {
    return events::parse_date(text) || events::parse_timestamp(text);
}

infra::task<std::expected<page<time_log_entry>, events::json::problems>> time_logs(
    infra::postgres::pool& database,
    events::organization_id organization,
    const time_log_filter& asked
) {
    static const auto what = list_of("time_logs", entry_columns);
    conditions where;
    where.add("l.organization_id = ", organization);
    where.add("l.user_id = ", asked.user_id);
    where.add("l.project_id = ", asked.project_id);
    where.add("l.task_id = ", asked.task_id);
    if (asked.from) {
        where.add("l.start_time >= ", instant_of(*asked.from, false));
    }
    if (asked.to) {
        where.add("l.start_time < ", instant_of(*asked.to, true));
    }
    where.add("l.is_billable = ", asked.billable);
    if (asked.category) {
        where.add("l.category = ", std::string_view(asked.category->value));
    }
    auto found = co_await fetch_page<time_log_entry>(database, what, asked, where);
    if (found) {
        std::ranges::for_each(found->rows, set_hours);
    }
    co_return found;
}

infra::task<std::optional<time_log_entry>> find_time_log(
    infra::postgres::pool& database, events::organization_id organization, events::time_log_id id
) {
    static const std::string text =
        std::string(entry_columns) +
        " from time_logs.time_log l where l.organization_id = $1 and l.id = $2";
    const statement find{"find_time_log", text};
    const auto rows = co_await database.query(find, params::of(organization, id));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    auto log = read_row<time_log_entry>(rows, 0);
    set_hours(log);
    co_return log;
}

infra::task<std::expected<page<commands::time_log_resource>, events::json::problems>>
time_logs_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    const page_request& asked
) {
    static const auto what = list_of("time_logs_of_task", log_columns);
    conditions where;
    where.add("l.organization_id = ", organization);
    where.add("l.task_id = ", task);
    auto found = co_await fetch_page<commands::time_log_resource>(database, what, asked, where);
    if (found) {
        std::ranges::for_each(found->rows, set_hours);
    }
    co_return found;
}

infra::task<std::optional<time_totals>> time_totals_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    events::timestamp now
) {
    static constexpr statement exists{
        "task_exists",
        "select from tasks.task t where t.organization_id = $1 and t.id = $2 and not t.deleted "
        "and not exists (select from tasks.deleted_project d where d.project_id = t.project_id)"
    };
    static constexpr statement sum{
        "task_time_totals",
        "select coalesce(sum(s.seconds), 0)::bigint, "
        "coalesce(sum(s.seconds) filter (where s.is_billable), 0)::bigint "
        "from (select is_billable, coalesce(duration_seconds, "
        "greatest(0, floor(extract(epoch from $3 - start_time)))) as seconds "
        "from time_logs.time_log where organization_id = $1 and task_id = $2) s"
    };
    std::vector<infra::postgres::call> calls;
    calls.push_back({exists, params::of(organization, task)});
    calls.push_back({sum, params::of(organization, task, now)});
    const auto results = co_await database.atomically(std::move(calls));
    if (results[0].empty()) {
        co_return std::nullopt;
    }
    co_return time_totals{
        .total_time_seconds = results[1].get<std::int64_t>(0, 0),
        .billable_time_seconds = results[1].get<std::int64_t>(0, 1)
    };
}

infra::task<std::expected<page<running_timer>, events::json::problems>> timers(
    infra::postgres::pool& database,
    events::organization_id organization,
    const timer_filter& asked,
    events::timestamp now
) {
    static const list_definition what{
        .name = "timers",
        .select =
            "select r.time_log_id, r.task_id, "
            "(select t.title from tasks.task t where t.id = r.task_id), r.project_id, "
            "r.user_id, r.start_time, r.description, r.category, r.is_billable, r.flagged, "
            "r.version, 0::bigint",
        .from = "from timers.timer r",
        .sorts = {{"start_time", "r.start_time", "timestamptz"}},
        .tie = "r.time_log_id",
        .default_sort = "-start_time",
    };
    conditions where;
    where.add("r.organization_id = ", organization);
    where.add("r.user_id = ", asked.user_id);
    where.add("r.project_id = ", asked.project_id);
    auto found = co_await fetch_page<running_timer>(database, what, asked, where);
    if (found) {
        for (auto& timer : found->rows) {
            const auto run = std::chrono::floor<std::chrono::seconds>(now - timer.start_time);
            timer.elapsed_seconds = std::max<std::int64_t>(run.count(), 0);
        }
    }
    co_return found;
}

}  // namespace teamflow::query
