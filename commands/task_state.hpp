#pragma once
// The folded stream of a task.

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/task.hpp"

namespace teamflow::commands {

struct task_state {
    static constexpr events::stream_kind kind = events::stream_kind::task;

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
    std::optional<events::task_id> parent_task_id;
    std::string rank;
    std::optional<events::template_id> template_id;
    bool deleted = false;

    friend bool operator==(const task_state&, const task_state&) = default;
};
BOOST_DESCRIBE_STRUCT(
    task_state,
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
     parent_task_id,
     rank,
     template_id,
     deleted)
)

void evolve(task_state& state, const events::task_created& event);
void evolve(task_state& state, const events::task_edited& event);
void evolve(task_state& state, const events::task_assigned& event);
void evolve(task_state& state, const events::task_moved& event);
void evolve(task_state& state, const events::task_completed& event);
void evolve(task_state& state, const events::task_reopened& event);
void evolve(task_state& state, const events::task_deleted& event);
void evolve(task_state& state, const events::task_restored& event);

}  // namespace teamflow::commands
