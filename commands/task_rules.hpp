#pragma once
// What several deciders need to know about tasks: whether one is there, where it may go, who may
// get it.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "commands/task.hpp"

namespace teamflow::commands {

/// The task, unless it or its project was deleted or never was.
std::expected<const task_state*, refusal> present_task(events::task_id id, const view& view);

/// The task as clients see it. The view must hold it.
task_resource task_resource_of(events::task_id id, const view& view);

/// Why a project takes no new work, if so: not there (a bad field `project_id`) or archived
/// (task_closed).
std::optional<refusal> check_open_project(events::project_id id, const directory& directory);

/// Names `assignee_id` unless the assignee is nobody, who had the task before, or an active member.
void check_assignee(
    events::json::problems& problems,
    const std::string& field,
    const std::optional<events::user_id>& before,
    const std::optional<events::user_id>& after,
    const directory& directory
);

/// Tags without surrounding white space, each once, in the order given.
std::vector<std::string> clean_tags(const task_tags& tags);

/// The place at the end of a column for the n-th task of a decision: in the order of n.
std::string rank_at_end(const context& context, std::size_t n);

/// Appends the change of column or place as the event that it is: finished, taken up again, or
/// only moved. `task` is as before; `assignee` is who has it by then.
void append_move(
    pending_events& out,
    const task_state& task,
    const std::optional<events::user_id>& assignee,
    events::task_status to,
    std::string rank
);

/// What is to become of a task, and what that takes.
struct intended_task {
    events::task_edited edited;
    std::optional<events::user_id> assignee_id;
    events::task_status status = events::task_status::todo;
};

/// Appends an event for each kind of change between the task and what it is to become; none if it
/// is so already. `n` as for rank_at_end().
void append_changes(
    pending_events& out,
    const task_state& task,
    const intended_task& intended,
    const context& context,
    std::size_t n
);

/// What a PATCH makes of the assignee.
std::optional<events::user_id> patched(
    const std::optional<events::user_id>& before, const events::json::patch<events::user_id>& patch
);

}  // namespace teamflow::commands
