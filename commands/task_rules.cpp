#include "commands/task_rules.hpp"

#include <algorithm>
#include <utility>

#include "commands/patching.hpp"
#include "commands/ranks.hpp"
#include "commands/trimmed.hpp"

namespace teamflow::commands {

namespace {

template <class Move>
void append(
    pending_events& out,
    const task_state& task,
    const std::optional<events::user_id>& assignee,
    events::task_status to,
    std::string rank
) {
    emit_into(out, Move{task.id, task.project_id, assignee, task.status, to, std::move(rank)});
}

}  // namespace

std::expected<const task_state*, refusal> present_task(events::task_id id, const view& view) {
    const auto* const task = view.find<task_state>(stream_of(id));
    if (task == nullptr || task->deleted) {
        return std::unexpected(not_found("task", id));
    }
    const auto* const project = view.organization().project(task->project_id);
    if (project == nullptr || project->deleted) {
        return std::unexpected(not_found("task", id));
    }
    return task;
}

task_resource task_resource_of(events::task_id id, const view& view) {
    const auto& folded = view.at(stream_of(id));
    const auto& task = std::get<task_state>(folded.state);
    return {
        .id = task.id,
        .project_id = task.project_id,
        .title = task.title,
        .description = task.description,
        .status = task.status,
        .priority = task.priority,
        .assignee_id = task.assignee_id,
        .tags = task.tags,
        .due_date = task.due_date,
        .checklist = task.checklist,
        .estimated_hours = task.estimated_hours,
        .parent_task_id = task.parent_task_id,
        .created_by = user_or_null(folded.created_by),
        .created_at = folded.created_at,
        .updated_at = folded.updated_at,
        .version = folded.version
    };
}

std::optional<refusal> check_open_project(events::project_id id, const directory& directory) {
    const auto* const project = directory.project(id);
    if (project == nullptr || project->deleted) {
        return invalid("project_id", "not_found", "there is no such project");
    }
    if (project->archived) {
        return refuse(
            refusal_code::task_closed,
            "the project is archived and takes no new work",
            "project",
            to_string(id)
        );
    }
    return std::nullopt;
}

void check_assignee(
    events::json::problems& problems,
    const std::string& field,
    const std::optional<events::user_id>& before,
    const std::optional<events::user_id>& after,
    const directory& directory
) {
    if (after && after != before && directory.active_member(*after) == nullptr) {
        problems.push_back({field, "not_a_member", "must be an active member of the organization"});
    }
}

std::vector<std::string> clean_tags(const task_tags& tags) {
    std::vector<std::string> clean;
    for (const auto& tag : tags.values) {
        const auto text = trimmed(tag.value);
        if (!text.empty() && std::ranges::find(clean, text) == clean.end()) {
            clean.emplace_back(text);
        }
    }
    return clean;
}

std::string rank_at_end(const context& context, std::size_t n) {
    // Far from where the salt wraps, so that the order of n is the order of ranks.
    constexpr std::uint64_t salts = 1'000'000;
    return rank_at_end(context.now, context.seed % salts + n);
}

void append_move(
    pending_events& out,
    const task_state& task,
    const std::optional<events::user_id>& assignee,
    events::task_status to,
    std::string rank
) {
    using events::task_status;
    const bool was_done = task.status == task_status::done;
    if (to == task_status::done && !was_done) {
        append<events::task_completed>(out, task, assignee, to, std::move(rank));
    } else if (was_done && events::is_open(to)) {
        append<events::task_reopened>(out, task, assignee, to, std::move(rank));
    } else {
        append<events::task_moved>(out, task, assignee, to, std::move(rank));
    }
}

void append_changes(
    pending_events& out,
    const task_state& task,
    const intended_task& intended,
    const context& context,
    std::size_t n
) {
    const auto& edited = intended.edited;
    if (changes_anything(
            edited.title,
            edited.description,
            edited.priority,
            edited.tags,
            edited.due_date,
            edited.checklist,
            edited.estimated_hours,
            edited.parent_task_id
        )) {
        emit_into(out, edited);
    }
    if (intended.assignee_id != task.assignee_id) {
        emit_into(
            out,
            events::task_assigned{
                task.id, task.project_id, task.status, intended.assignee_id, task.assignee_id
            }
        );
    }
    if (intended.status != task.status) {
        append_move(out, task, intended.assignee_id, intended.status, rank_at_end(context, n));
    }
}

std::optional<events::user_id> patched(
    const std::optional<events::user_id>& before, const events::json::patch<events::user_id>& patch
) {
    auto after = before;
    merge(after, patch);
    return after;
}

}  // namespace teamflow::commands
