#include "query/task.hpp"

#include <algorithm>
#include <chrono>

#include "commands/time_log.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

/// A task's row in the order of task_resource; what follows from the time is computed here.
struct task_found : commands::task_resource {
    std::int64_t running_timers = 0;
    std::int64_t running_since_ms = 0;
};
BOOST_DESCRIBE_STRUCT(task_found, (commands::task_resource), (running_timers, running_since_ms))

constexpr std::string_view task_columns =
    "select t.id, t.project_id, t.title, t.description, t.status, t.priority, t.assignee_id, "
    "t.tags, t.due_date, t.checklist, t.estimated_hours, 0::double precision, t.logged_seconds, "
    "false, t.parent_task_id, t.created_by, t.created_at, t.updated_at, t.version, "
    "t.running_timers, t.running_since_ms";

/// Of the organization $1.
constexpr std::string_view present_tasks =
    " from tasks.task t where t.organization_id = $1 and not t.deleted "
    "and not exists (select from tasks.deleted_project d where d.project_id = t.project_id)";

std::string sql(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const auto part : parts) {
        all += part;
    }
    return all;
}

void set_time(commands::task_resource& task, std::int64_t seconds) {
    task.total_logged_time = seconds;
    task.actual_hours = commands::to_hours(seconds);
    task.is_over_estimate =
        task.estimated_hours && static_cast<double>(seconds) > *task.estimated_hours * 3600;
}

/// Finished logs, and timers that run until now.
std::int64_t seconds_of(
    std::int64_t logged, std::int64_t timers, std::int64_t since_ms, events::timestamp now
) {
    const std::int64_t running_ms = timers * now.time_since_epoch().count() - since_ms;
    return logged + std::max<std::int64_t>(running_ms, 0) / 1000;
}

commands::task_resource resource_of(task_found&& row, events::timestamp now) {
    const auto seconds =
        seconds_of(row.total_logged_time, row.running_timers, row.running_since_ms, now);
    commands::task_resource task = std::move(row);
    set_time(task, seconds);
    return task;
}

const list_definition& task_list() {
    static const list_definition what{
        .name = "tasks",
        .select = task_columns,
        .from = "from tasks.task t",
        .sorts =
            {// Ids are UUIDv7: their order is the order of creation, and has an index.
             {"created_at", "t.id", "uuid"},
             {"updated_at", "t.updated_at", "timestamptz"},
             {"due_date", "coalesce(t.due_date, 'infinity')", "date"},
             {"priority",
              "array_position(array['low', 'medium', 'high', 'urgent'], t.priority)",
              "integer"},
             {"status",
              "array_position("
              "array['todo', 'in_progress', 'in_review', 'done', 'cancelled'], t.status)",
              "integer"},
             {"title", "t.title", "text"},
             {"rank", "(t.rank collate \"C\")", "text"}
            },
        .tie = "t.id",
        .default_sort = "-created_at",
    };
    return what;
}

conditions conditions_of(events::organization_id organization, const task_filter& asked) {
    conditions where;
    where.add("t.organization_id = ", organization);
    where.add_plain("not t.deleted");
    where.add_plain(
        "not exists (select from tasks.deleted_project d where d.project_id = t.project_id)"
    );
    where.add("t.project_id = ", asked.project_id);
    where.add("t.status = ", asked.status);
    where.add("t.priority = ", asked.priority);
    where.add("t.assignee_id = ", asked.assignee_id);
    if (asked.tag) {
        where.add_plain("t.tags <> '[]'");
        where.add("t.tags @> jsonb_build_array(", std::string_view(asked.tag->value), "::text)");
    }
    where.add("t.due_date >= ", asked.due_from);
    where.add("t.due_date <= ", asked.due_to);
    if (asked.q) {
        where.add(
            "(t.title || E'\\n' || coalesce(t.description, '')) ilike ", anywhere(asked.q->value)
        );
    }
    return where;
}

}  // namespace

infra::task<std::expected<page<commands::task_resource>, events::json::problems>> tasks(
    infra::postgres::pool& database,
    events::organization_id organization,
    const task_filter& asked,
    events::timestamp now
) {
    const auto where = conditions_of(organization, asked);
    auto found = co_await fetch_page<task_found>(database, task_list(), asked, where);
    if (!found) {
        co_return std::unexpected(std::move(found.error()));
    }
    page<commands::task_resource> answer{.rows = {}, .bounds = std::move(found->bounds)};
    answer.rows.reserve(found->rows.size());
    for (auto& row : found->rows) {
        answer.rows.push_back(resource_of(std::move(row), now));
    }
    co_return answer;
}

infra::task<std::optional<commands::task_resource>> find_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id id,
    events::timestamp now
) {
    static const std::string text = sql({task_columns, present_tasks, " and t.id = $2"});
    const statement find{"find_task", text};
    const auto rows = co_await database.query(find, params::of(organization, id));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return resource_of(read_row<task_found>(rows, 0), now);
}

infra::task<> fill_in_time(
    infra::postgres::pool& database,
    events::organization_id organization,
    std::vector<commands::task_resource>& tasks,
    events::timestamp now
) {
    static constexpr statement find{
        "logged_time",
        "select id, logged_seconds, running_timers, running_since_ms from tasks.task "
        "where organization_id = $1 and id = any($2)"
    };
    auto ids = infra::postgres::array_param::of<events::task_id>();
    for (const auto& task : tasks) {
        ids.push(task.id);
    }
    params with = params::of(organization);
    with.add(std::move(ids));
    const auto rows = co_await database.query(find, std::move(with));
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto task = std::ranges::find(
            tasks, rows.get<events::task_id>(row, 0), &commands::task_resource::id
        );
        const auto seconds = seconds_of(
            rows.get<std::int64_t>(row, 1),
            rows.get<std::int64_t>(row, 2),
            rows.get<std::int64_t>(row, 3),
            now
        );
        set_time(*task, seconds);
    }
}

infra::task<std::optional<board>> find_board(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::project_id project,
    events::timestamp now
) {
    static constexpr statement find_project{
        "board_project", "select from projects.project where organization_id = $1 and id = $2"
    };
    static constexpr statement count{
        "board_counts",
        "select status, tasks from tasks.board where organization_id = $1 and project_id = $2"
    };
    static const std::string shown_sql =
        "select shown.* from unnest($3::text[]) as of(status) cross join lateral (" +
        sql({task_columns, present_tasks}) +
        " and t.project_id = $2 and t.status = of.status "
        "order by t.rank collate \"C\", t.id limit $4) as shown";
    const statement shown{"board_tasks", shown_sql};
    board made{.project_id = project, .columns = {}};
    auto names = infra::postgres::array_param::of<std::string_view>();
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<events::task_status>>(
        [&](auto each) {
            made.columns.push_back({.status = each.value, .count = 0, .tasks = {}});
            names.push(events::json::enum_name(each.value));
        }
    );
    auto shown_with = params::of(organization, project);
    shown_with.add(std::move(names));
    shown_with.add(board_tasks_max);
    std::vector<infra::postgres::call> calls;
    calls.push_back({find_project, params::of(organization, project)});
    calls.push_back({count, params::of(organization, project)});
    calls.push_back({shown, std::move(shown_with)});
    const auto results = co_await database.atomically(std::move(calls));
    if (results[0].empty()) {
        co_return std::nullopt;
    }
    const auto column_of = [&made](events::task_status status) -> board_column& {
        return *std::ranges::find(made.columns, status, &board_column::status);
    };
    for (std::size_t row = 0; row < results[1].rows(); ++row) {
        const auto status = projections::pull<events::task_status>(results[1], row, 0);
        column_of(status).count = results[1].get<std::int64_t>(row, 1);
    }
    for (auto& row : read_rows<task_found>(results[2])) {
        const auto status = row.status;
        column_of(status).tasks.push_back(resource_of(std::move(row), now));
    }
    co_return made;
}

infra::task<std::string> rank_beside(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id neighbour,
    events::task_id moved,
    bool is_before
) {
    static constexpr statement behind{
        "rank_behind",
        "select o.rank from tasks.task n join tasks.task o "
        "on o.project_id = n.project_id and o.status = n.status and not o.deleted "
        "and (o.rank collate \"C\", o.id) > (n.rank collate \"C\", n.id) "
        "where n.organization_id = $1 and n.id = $2 and o.id <> $3 "
        "order by o.rank collate \"C\", o.id limit 1"
    };
    static constexpr statement in_front{
        "rank_in_front",
        "select o.rank from tasks.task n join tasks.task o "
        "on o.project_id = n.project_id and o.status = n.status and not o.deleted "
        "and (o.rank collate \"C\", o.id) < (n.rank collate \"C\", n.id) "
        "where n.organization_id = $1 and n.id = $2 and o.id <> $3 "
        "order by o.rank collate \"C\" desc, o.id desc limit 1"
    };
    const auto& side = is_before ? in_front : behind;
    auto with = params::of(organization, neighbour, moved);
    const auto rows = co_await database.query(side, std::move(with));
    co_return rows.empty() ? std::string() : rows.get<std::string>(0, 0);
}

}  // namespace teamflow::query
