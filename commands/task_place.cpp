// Where a task is: its column and place, and whether it is there at all.

#include <set>
#include <utility>

#include "commands/ranks.hpp"
#include "commands/task.hpp"
#include "commands/task_rules.hpp"

namespace teamflow::commands {

namespace json = events::json;

namespace {

/// The rank of a neighbour, or "" after naming the field when it is not in that column.
std::string neighbour_rank(
    json::problems& problems,
    const std::string& field,
    const std::optional<events::task_id>& neighbour_id,
    const task_state& task,
    events::task_status column,
    const view& view
) {
    if (!neighbour_id) {
        return {};
    }
    const auto neighbour = present_task(*neighbour_id, view);
    if (*neighbour_id == task.id) {
        problems.push_back({field, "itself", "a task is not its own neighbour"});
    } else if (!neighbour || (*neighbour)->project_id != task.project_id ||
               (*neighbour)->status != column) {
        problems.push_back({field, "not_found", "there is no such task in this column"});
    } else {
        return (*neighbour)->rank;
    }
    return {};
}

/// Where the task is to be, or what is wrong with the neighbours named. "" means: where it is.
std::expected<std::string, json::problems> wanted_rank(
    const move_task& command, const task_state& task, const view& view, const context& context
) {
    const auto column = command.status.value_or(task.status);
    json::problems problems;
    auto lower = neighbour_rank(problems, "after_id", command.after_id, task, column, view);
    auto upper = neighbour_rank(problems, "before_id", command.before_id, task, column, view);
    if (!lower.empty() && !upper.empty() && lower > upper) {
        problems.push_back({"before_id", "wrong_order", "does not come after after_id"});
    }
    if (!problems.empty()) {
        return std::unexpected(std::move(problems));
    }
    if (lower.empty() && upper.empty()) {
        return column == task.status ? std::string() : rank_at_end(context, 0);
    }
    if (upper.empty() && command.neighbour_rank > lower) {
        upper = command.neighbour_rank;
    } else if (lower.empty() && command.neighbour_rank < upper) {
        lower = command.neighbour_rank;
    }
    const bool is_between = lower <= task.rank && task.rank <= upper;
    if (column == task.status && is_between && !lower.empty()) {
        return std::string();
    }
    // Two places may be the same, if tasks came in the same millisecond: then behind both.
    return rank_between(lower, lower < upper ? upper : std::string());
}

}  // namespace

std::vector<std::string> streams(const move_task& command, const directory&, const context&) {
    std::set<events::task_id> others;
    for (const auto& neighbour : {command.after_id, command.before_id}) {
        if (neighbour && *neighbour != command.task_id) {
            others.insert(*neighbour);
        }
    }
    std::vector<std::string> names{stream_of(command.task_id)};
    for (const auto id : others) {
        names.push_back(stream_of(id));
    }
    return names;
}

decision decide(const move_task& command, const view& view, const context& context) {
    const auto present = present_task(command.task_id, view);
    if (!present) {
        return std::unexpected(present.error());
    }
    const task_state& task = **present;
    auto rank = wanted_rank(command, task, view, context);
    if (!rank) {
        return std::unexpected(invalid(std::move(rank).error()));
    }
    pending_events all;
    const auto to = command.status.value_or(task.status);
    if (!rank->empty() && (to != task.status || *rank != task.rank)) {
        append_move(all, task, task.assignee_id, to, *std::move(rank));
    }
    return all;
}

task_resource reply(const move_task& command, const view& view, const context&) {
    return task_resource_of(command.task_id, view);
}

std::vector<std::string>
streams(const delete_task& command, const directory& directory, const context&) {
    std::vector<std::string> names{stream_of(command.task_id)};
    for (const auto& timer : directory.timers_of(command.task_id)) {
        names.push_back(stream_of(timer.time_log_id));
    }
    return names;
}

decision decide(const delete_task& command, const view& view, const context&) {
    const auto present = present_task(command.task_id, view);
    if (!present) {
        return std::unexpected(present.error());
    }
    const task_state& task = **present;
    pending_events all;
    for (const auto& timer : view.organization().timers_of(task.id)) {
        emit_into(all, discarded(timer));
    }
    emit_into(all, events::task_deleted{task.id, task.project_id, task.status, task.assignee_id});
    return all;
}

no_content reply(const delete_task&, const view&, const context&) {
    return {};
}

std::vector<std::string> streams(const restore_task& command, const directory&, const context&) {
    return {stream_of(command.task_id)};
}

decision decide(const restore_task& command, const view& view, const context&) {
    const auto* const task = view.find<task_state>(stream_of(command.task_id));
    if (task == nullptr) {
        return std::unexpected(not_found("task", command.task_id));
    }
    if (!task->deleted) {
        const auto present = present_task(command.task_id, view);
        return present ? decision() : std::unexpected(present.error());
    }
    const auto* const project = view.organization().project(task->project_id);
    if (project == nullptr || project->deleted || project->archived) {
        return std::unexpected(refuse(
            refusal_code::task_closed,
            "the project of the task is deleted or archived",
            "task",
            to_string(task->id)
        ));
    }
    return emit(events::task_restored{task->id, task->project_id, task->status, task->assignee_id});
}

task_resource reply(const restore_task& command, const view& view, const context&) {
    return task_resource_of(command.task_id, view);
}

}  // namespace teamflow::commands
