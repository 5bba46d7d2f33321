#include "commands/task_state.hpp"

#include "commands/patching.hpp"

namespace teamflow::commands {

void evolve(task_state& state, const events::task_created& event) {
    state = {
        event.task_id,
        event.project_id,
        event.title,
        event.description,
        event.status,
        event.priority,
        event.assignee_id,
        event.tags,
        event.due_date,
        event.checklist,
        event.estimated_hours,
        event.parent_task_id,
        event.rank,
        event.template_id,
        false
    };
}

void evolve(task_state& state, const events::task_edited& event) {
    merge(state.title, event.title);
    merge(state.description, event.description);
    merge(state.priority, event.priority);
    merge(state.tags, event.tags);
    merge(state.due_date, event.due_date);
    merge(state.checklist, event.checklist);
    merge(state.estimated_hours, event.estimated_hours);
    merge(state.parent_task_id, event.parent_task_id);
}

void evolve(task_state& state, const events::task_assigned& event) {
    state.assignee_id = event.assignee_id;
}

void evolve(task_state& state, const events::task_moved& event) {
    state.status = event.to;
    state.rank = event.rank;
}

void evolve(task_state& state, const events::task_completed& event) {
    state.status = event.to;
    state.rank = event.rank;
}

void evolve(task_state& state, const events::task_reopened& event) {
    state.status = event.to;
    state.rank = event.rank;
}

void evolve(task_state& state, const events::task_deleted&) {
    state.deleted = true;
}

void evolve(task_state& state, const events::task_restored&) {
    state.deleted = false;
}

}  // namespace teamflow::commands
