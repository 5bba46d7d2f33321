#pragma once
// Read model of tasks and of the board's counts.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/task.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// A deleted task keeps its row, since it can be restored. Tasks of a deleted project keep theirs
/// too; readers leave out projects that are in `deleted_project`.
struct task_row {
    events::task_id id;
    events::organization_id organization_id;
    events::project_id project_id;
    std::string title;
    std::optional<std::string> description;
    events::task_status status = events::task_status::todo;
    events::task_priority priority = events::task_priority::medium;
    std::optional<events::user_id> assignee_id;
    std::vector<std::string> tags;
    std::optional<events::date> due_date;
    std::vector<events::checklist_item> checklist;
    std::optional<double> estimated_hours;
    std::optional<events::task_id> parent_task_id;
    /// Place in the board column; compares as bytes (collate "C"), ties by id.
    std::string rank;
    std::optional<events::template_id> template_id;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
    bool deleted = false;
    /// Seconds of finished time logs.
    std::int64_t logged_seconds = 0;
    /// Timers that run now, and the sum of their starts in milliseconds since 1970: together they
    /// run for running_timers * now - running_since_ms.
    std::int64_t running_timers = 0;
    std::int64_t running_since_ms = 0;

    static constexpr std::string_view table = "task";
    static constexpr auto primary_key = std::tuple(&task_row::id);
    /// Ids are UUIDv7: their order is the order of creation.
    static constexpr std::array<std::string_view, 4> indexes{
        "(organization_id, id) where not deleted",
        "(project_id, status, rank collate \"C\", id) where not deleted",
        "(assignee_id, id) where assignee_id is not null and not deleted",
        "using gin (tags jsonb_path_ops) where tags <> '[]' and not deleted",
    };
};
BOOST_DESCRIBE_STRUCT(
    task_row,
    (),
    (id,
     organization_id,
     project_id,
     title,
     description,
     status,
     priority,
     assignee_id,
     tags,
     due_date,
     checklist,
     estimated_hours,
     parent_task_id,
     rank,
     template_id,
     created_by,
     created_at,
     updated_at,
     version,
     deleted,
     logged_seconds,
     running_timers,
     running_since_ms)
)

/// How many undeleted tasks of a project have a status. A row may be absent for none.
struct board_row {
    events::project_id project_id;
    events::task_status status = events::task_status::todo;
    events::organization_id organization_id;
    std::int64_t tasks = 0;

    static constexpr std::string_view table = "board";
    static constexpr auto primary_key = std::tuple(&board_row::project_id, &board_row::status);
    static constexpr std::array<std::string_view, 1> indexes{"(organization_id)"};
};
BOOST_DESCRIBE_STRUCT(board_row, (), (project_id, status, organization_id, tasks))

/// Projects whose tasks are no longer shown.
struct deleted_project_row {
    events::project_id project_id;
    events::timestamp deleted_at;

    static constexpr std::string_view table = "deleted_project";
    static constexpr auto primary_key = std::tuple(&deleted_project_row::project_id);
};
BOOST_DESCRIBE_STRUCT(deleted_project_row, (), (project_id, deleted_at))

projection tasks();

}  // namespace teamflow::projections
