#pragma once
// Commands on tasks, and the task as clients see it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "commands/task_limits.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

/// A task as clients see it. The stream of a task knows nothing of its time logs: in the reply of a
/// command actual_hours, total_logged_time and is_over_estimate are 0, 0 and false until the
/// gateway fills them in from the read model.
struct task_resource {
    events::task_id id;
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
    /// Logged time in hours, rounded to 2 decimals.
    double actual_hours = 0;
    /// Seconds.
    std::int64_t total_logged_time = 0;
    bool is_over_estimate = false;
    std::optional<events::task_id> parent_task_id;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    friend bool operator==(const task_resource&, const task_resource&) = default;
};
BOOST_DESCRIBE_STRUCT(
    task_resource,
    (),
    (id,
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
     actual_hours,
     total_logged_time,
     is_over_estimate,
     parent_task_id,
     created_by,
     created_at,
     updated_at,
     version)
)

struct new_checklist_item {
    checklist_text text;
    events::json::defaulted<bool, false> done;
};
BOOST_DESCRIBE_STRUCT(new_checklist_item, (), (text, done))

/// The project must be there (422 if not) and not archived (409 task_closed), the assignee an
/// active member. A parent is a task of the same project that is no subtask itself. The task goes
/// to the end of its column.
struct create_task {
    static constexpr role allowed = role::member;

    events::project_id project_id;
    task_title title;
    std::optional<task_description> description;
    events::json::defaulted<events::task_status, events::task_status::todo> status;
    events::json::defaulted<events::task_priority, events::task_priority::medium> priority;
    std::optional<events::user_id> assignee_id;
    std::optional<task_tags> tags;
    std::optional<events::date> due_date;
    std::optional<events::json::list<new_checklist_item, checklist_max>> checklist;
    std::optional<hours_estimate> estimated_hours;
    std::optional<events::task_id> parent_task_id;
};
BOOST_DESCRIBE_STRUCT(
    create_task,
    (),
    (project_id,
     title,
     description,
     status,
     priority,
     assignee_id,
     tags,
     due_date,
     checklist,
     estimated_hours,
     parent_task_id)
)

std::vector<std::string> streams(const create_task&, const directory&, const context&);
decision decide(const create_task&, const view&, const context&);
task_resource reply(const create_task&, const view&, const context&);

/// An item with an id stays that item; one without is new.
struct edited_checklist_item {
    std::optional<events::checklist_item_id> id;
    checklist_text text;
    events::json::defaulted<bool, false> done;
};
BOOST_DESCRIBE_STRUCT(edited_checklist_item, (), (id, text, done))

/// Any mix of fields; each kind of change is an event of its own. A task stays in its project: a
/// project_id may be sent back but not changed. A new status puts the task at the end of that
/// column.
struct edit_task {
    static constexpr role allowed = role::member;

    events::task_id task_id;
    events::json::replace<events::project_id> project_id;
    events::json::replace<task_title> title;
    events::json::patch<task_description> description;
    events::json::replace<events::task_status> status;
    events::json::replace<events::task_priority> priority;
    events::json::patch<events::user_id> assignee_id;
    events::json::replace<task_tags> tags;
    events::json::patch<events::date> due_date;
    events::json::replace<events::json::list<edited_checklist_item, checklist_max>> checklist;
    events::json::patch<hours_estimate> estimated_hours;
    events::json::patch<events::task_id> parent_task_id;
};
BOOST_DESCRIBE_STRUCT(
    edit_task,
    (),
    (task_id,
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
     parent_task_id)
)

std::vector<std::string> streams(const edit_task&, const directory&, const context&);
decision decide(const edit_task&, const view&, const context&);
task_resource reply(const edit_task&, const view&, const context&);

/// To a column (the present one if none is named) and a place in it: after one task, before
/// another, between both, or at its end. The neighbours must be in that column.
struct move_task {
    static constexpr role allowed = role::member;

    events::task_id task_id;
    std::optional<events::task_status> status;
    std::optional<events::task_id> after_id;
    std::optional<events::task_id> before_id;
    /// Not part of the request: when only one neighbour was named, the rank of the task on its
    /// other side as far as the board's read model knows; empty without one.
    std::string neighbour_rank;
};
BOOST_DESCRIBE_STRUCT(move_task, (), (task_id, status, after_id, before_id))

std::vector<std::string> streams(const move_task&, const directory&, const context&);
decision decide(const move_task&, const view&, const context&);
task_resource reply(const move_task&, const view&, const context&);

/// Discards the task's running timers in the same commit. Subtasks stay.
struct delete_task {
    static constexpr role allowed = role::member;

    events::task_id task_id;
};
BOOST_DESCRIBE_STRUCT(delete_task, (), (task_id))

std::vector<std::string> streams(const delete_task&, const directory&, const context&);
decision decide(const delete_task&, const view&, const context&);
no_content reply(const delete_task&, const view&, const context&);

/// Brings a deleted task back to where it was; its project must be there and not archived.
struct restore_task {
    static constexpr role allowed = role::member;

    events::task_id task_id;
};
BOOST_DESCRIBE_STRUCT(restore_task, (), (task_id))

std::vector<std::string> streams(const restore_task&, const directory&, const context&);
decision decide(const restore_task&, const view&, const context&);
task_resource reply(const restore_task&, const view&, const context&);

struct task_changes {
    events::json::replace<events::task_status> status;
    events::json::replace<events::task_priority> priority;
    events::json::patch<events::user_id> assignee_id;
    events::json::replace<task_tags> tags;
    events::json::patch<events::date> due_date;
    events::json::patch<hours_estimate> estimated_hours;
};
BOOST_DESCRIBE_STRUCT(
    task_changes, (), (status, priority, assignee_id, tags, due_date, estimated_hours)
)

/// The same changes to several tasks in one commit: all or none. Each id that is not there, or
/// there twice, is named.
struct bulk_edit_tasks {
    static constexpr role allowed = role::member;

    events::json::list<events::task_id, 100> task_ids;
    task_changes changes;
};
BOOST_DESCRIBE_STRUCT(bulk_edit_tasks, (), (task_ids, changes))

struct changed_tasks {
    std::vector<task_resource> tasks;
};
BOOST_DESCRIBE_STRUCT(changed_tasks, (), (tasks))

std::vector<std::string> streams(const bulk_edit_tasks&, const directory&, const context&);
decision decide(const bulk_edit_tasks&, const view&, const context&);
changed_tasks reply(const bulk_edit_tasks&, const view&, const context&);

}  // namespace teamflow::commands
