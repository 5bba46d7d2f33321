#include "query/time_report.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "query/csv.hpp"

namespace teamflow::query {

namespace {

using events::json::problems;

/// The expressions of a key's columns, and their types for when it is not asked for.
struct key_columns {
    report_key key;
    std::string_view value;
    std::string_view type;
    /// What a person reads, found by the value; empty for none.
    std::string_view label;
};

/// In the order of report_row. $2 is the time zone.
constexpr std::array<key_columns, 7> all_columns{{
    {report_key::project,
     "l.project_id",
     "uuid",
     "(select p.name from projects.project p where p.id = l.project_id)"},
    {report_key::task,
     "l.task_id",
     "uuid",
     "(select n.title from tasks.task n where n.id = l.task_id)"},
    {report_key::user, "l.user_id", "uuid", ""},
    {report_key::category, "l.category", "text", ""},
    {report_key::tag, "g.tag", "text", ""},
    {report_key::day, "(l.start_time at time zone $2)::date", "date", ""},
    {report_key::billable, "l.is_billable", "boolean", ""},
}};

/// $3 is now.
constexpr std::string_view sums =
    "count(*), coalesce(sum(l.seconds), 0)::bigint, "
    "coalesce(sum(l.seconds) filter (where l.is_billable), 0)::bigint";

constexpr std::string_view from_logs =
    " from (select organization_id, project_id, task_id, user_id, start_time, category, "
    "is_billable, coalesce(duration_seconds, "
    "greatest(0, floor(extract(epoch from $3 - start_time)))) as seconds "
    "from time_logs.time_log) l";

constexpr std::string_view join_tags =
    " left join tasks.task t on t.id = l.task_id "
    "left join lateral jsonb_array_elements_text(t.tags) as g(tag) on true";

bool has(const std::vector<report_key>& keys, report_key key) {
    return std::ranges::find(keys, key) != keys.end();
}

std::expected<std::vector<report_key>, problems> read_keys(std::string_view text) {
    std::vector<report_key> keys;
    while (true) {
        const std::size_t comma = text.find(',');
        const auto key = events::json::enum_value<report_key>(text.substr(0, comma));
        if (!key || has(keys, *key)) {
            return std::unexpected(problems{
                {"group_by",
                 "not_allowed",
                 "must be some of project, task, user, category, tag, day and billable"}
            });
        }
        keys.push_back(*key);
        if (comma == std::string_view::npos) {
            return keys;
        }
        text.remove_prefix(comma + 1);
    }
}

void add_bound(conditions& where, std::string_view condition, const time_bound& bound, int days) {
    if (const auto day = events::parse_date(bound.value)) {
        const events::date limit = std::chrono::sys_days(*day) + std::chrono::days(days);
        where.add(condition, limit, "::timestamp at time zone $2)");
    } else {
        where.add(condition, *events::parse_timestamp(bound.value), ")");
    }
}

std::string select_rows(const std::vector<report_key>& keys) {
    std::string columns;
    for (const auto& each : all_columns) {
        const bool asked = has(keys, each.key);
        columns += asked ? std::string(each.value) : fmt::format("null::{}", each.type);
        columns += ", ";
        if (!each.label.empty()) {
            columns += asked ? each.label : "null::text";
            columns += ", ";
        }
    }
    return columns;
}

std::string key_list(const std::vector<report_key>& keys) {
    std::string list;
    for (const auto key : keys) {
        list += list.empty() ? "" : ", ";
        list += std::ranges::find(all_columns, key, &key_columns::key)->value;
    }
    return list;
}

/// A JSON text without the quotes of a string; null is empty.
template <class T>
std::string plain(const T& value) {
    if constexpr (projections::is_nullable<T>) {
        return value ? plain(*value) : std::string();
    } else if constexpr (std::is_same_v<T, std::string>) {
        return value;
    } else {
        auto text = events::json::to_json(value);
        return text.starts_with('"') ? text.substr(1, text.size() - 2) : text;
    }
}

}  // namespace

infra::task<std::expected<time_report, problems>> report_time(
    infra::postgres::pool& database,
    events::organization_id organization,
    const report_request& asked,
    events::timestamp now
) {
    auto keys = read_keys(asked.group_by ? asked.group_by->value : "project");
    if (!keys) {
        co_return std::unexpected(std::move(keys.error()));
    }
    time_report report{.group_by = *keys, .tz = asked.tz ? asked.tz->value : "UTC", .rows = {}};
    conditions where;
    where.add("l.organization_id = ", organization);
    // Conditions that always hold: they give the time zone and now their fixed places, and a time
    // zone that is none fails even where no day is asked for.
    where.add("(l.start_time at time zone ", std::string_view(report.tz), ") is not null");
    where.add("coalesce(", now, ", l.start_time) is not null");
    if (asked.from) {
        add_bound(where, "l.start_time >= (", *asked.from, 0);
    }
    if (asked.to) {
        add_bound(where, "l.start_time < (", *asked.to, 1);
    }
    where.add("l.project_id = ", asked.project_id);
    where.add("l.user_id = ", asked.user_id);
    const auto by = key_list(*keys);
    const bool has_tags = has(*keys, report_key::tag);
    const auto rows_sql = fmt::format(
        "select {}{}{}{}{} group by {} order by {} limit {}",
        select_rows(*keys),
        sums,
        from_logs,
        has_tags ? join_tags : "",
        where.sql(),
        by,
        by,
        report_rows_max + 1
    );
    const auto total_sql = fmt::format("select {}{}{}", sums, from_logs, where.sql());
    std::vector<infra::postgres::call> calls;
    calls.push_back({{"time_report", rows_sql}, where.values()});
    calls.push_back({{"time_report_total", total_sql}, where.values()});
    std::vector<infra::postgres::result> results;
    try {
        results = co_await database.atomically(std::move(calls));
    } catch (const infra::postgres_error& failed) {
        // Class 22, data exception: only the name of the time zone can be at fault.
        if (!failed.sqlstate().starts_with("22")) {
            throw;
        }
        co_return std::unexpected(problems{{"tz", "not_allowed", "must be a known time zone"}});
    }
    if (results[0].rows() > report_rows_max) {
        co_return std::unexpected(
            problems{{"group_by", "too_many_rows", "gives more than 10000 rows; narrow the report"}}
        );
    }
    report.rows = read_rows<report_row>(results[0]);
    report.logs = results[1].get<std::int64_t>(0, 0);
    report.total_time_seconds = results[1].get<std::int64_t>(0, 1);
    report.billable_time_seconds = results[1].get<std::int64_t>(0, 2);
    co_return report;
}

std::string to_csv(const time_report& report) {
    std::string text;
    events::json::for_each_member<report_row>([&](auto descriptor) {
        text += text.empty() ? "" : ",";
        text += descriptor.name;
    });
    text += "\r\n";
    for (const auto& row : report.rows) {
        std::string_view separator;
        events::json::for_each_member<report_row>([&](auto descriptor) {
            text += separator;
            append_csv_field(text, plain(row.*descriptor.pointer));
            separator = ",";
        });
        text += "\r\n";
    }
    return text;
}

}  // namespace teamflow::query
