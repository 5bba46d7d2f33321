#pragma once
// Reads tasks, boards and the time logged on tasks.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/task.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

/// What a list of tasks can be narrowed by.
struct task_filter : page_request {
    std::optional<events::project_id> project_id;
    std::optional<events::task_status> status;
    std::optional<events::task_priority> priority;
    std::optional<events::user_id> assignee_id;
    std::optional<events::json::text<1, 50>> tag;
    /// Both days included.
    std::optional<events::date> due_from;
    std::optional<events::date> due_to;
    /// Part of the title or the description, in any case.
    std::optional<events::json::text<1, 200>> q;
};
BOOST_DESCRIBE_STRUCT(
    task_filter,
    (page_request),
    (project_id, status, priority, assignee_id, tag, due_from, due_to, q)
)

/// Tasks of an organization; those that are deleted or of a deleted project are left out. Timers
/// that run count up to `now`.
infra::task<std::expected<page<commands::task_resource>, events::json::problems>> tasks(
    infra::postgres::pool& database,
    events::organization_id organization,
    const task_filter& asked,
    events::timestamp now
);

/// One task, by its primary key; nullopt also for another organization's.
infra::task<std::optional<commands::task_resource>> find_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id id,
    events::timestamp now
);

/// Fills in what the stream of a task does not know, for tasks of one organization: the time
/// logged up to `now`, and what follows from it.
infra::task<> fill_in_time(
    infra::postgres::pool& database,
    events::organization_id organization,
    std::vector<commands::task_resource>& tasks,
    events::timestamp now
);

struct board_column {
    events::task_status status = events::task_status::todo;
    std::int64_t count = 0;
    std::vector<commands::task_resource> tasks;
};
BOOST_DESCRIBE_STRUCT(board_column, (), (status, count, tasks))

/// All five columns in the order of the statuses. A column shows its first `board_tasks_max`.
struct board {
    events::project_id project_id;
    std::vector<board_column> columns;
};
BOOST_DESCRIBE_STRUCT(board, (), (project_id, columns))

inline constexpr std::int64_t board_tasks_max = 200;

/// The board of a project; nullopt when there is no such project in the organization.
infra::task<std::optional<board>> find_board(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::project_id project,
    events::timestamp now
);

/// The rank of the task on the other side of `neighbour` in its column, `moved` not counted: behind
/// it or, if `is_before`, in front of it. Empty when there is none.
infra::task<std::string> rank_beside(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id neighbour,
    events::task_id moved,
    bool is_before
);

}  // namespace teamflow::query
