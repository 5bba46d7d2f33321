#include "projections/tasks.hpp"

#include "events/project.hpp"
#include "events/time_log.hpp"
#include "projections/patching.hpp"

namespace teamflow::projections {

namespace {

/// Board counts change by increments, so that tasks of one project do not wait for each other.
void count(
    unit_of_work& rows,
    events::project_id project,
    events::task_status status,
    std::int64_t change,
    const event_context& context
) {
    auto& row = rows.row<board_row>(project, status);
    row.organization_id = context.head.organization;
    row.tasks += change;
}

task_row& touched(unit_of_work& rows, events::task_id task, const event_context& context) {
    auto& row = rows.existing<task_row>(task);
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    return row;
}

void created(unit_of_work& rows, const events::task_created& event, const event_context& context) {
    task_row row;
    row.id = event.task_id;
    row.organization_id = context.head.organization;
    row.project_id = event.project_id;
    row.title = event.title;
    row.description = event.description;
    row.status = event.status;
    row.priority = event.priority;
    row.assignee_id = event.assignee_id;
    row.tags = event.tags;
    row.due_date = event.due_date;
    row.checklist = event.checklist;
    row.estimated_hours = event.estimated_hours;
    row.parent_task_id = event.parent_task_id;
    row.rank = event.rank;
    row.template_id = event.template_id;
    row.created_by = context.user();
    row.created_at = context.head.time;
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    rows.put(std::move(row));
    count(rows, event.project_id, event.status, 1, context);
}

void edited(unit_of_work& rows, const events::task_edited& event, const event_context& context) {
    auto& row = touched(rows, event.task_id, context);
    apply(event.title, row.title);
    apply(event.description, row.description);
    apply(event.priority, row.priority);
    apply(event.tags, row.tags);
    apply(event.due_date, row.due_date);
    apply(event.checklist, row.checklist);
    apply(event.estimated_hours, row.estimated_hours);
    apply(event.parent_task_id, row.parent_task_id);
}

void assigned(
    unit_of_work& rows, const events::task_assigned& event, const event_context& context
) {
    touched(rows, event.task_id, context).assignee_id = event.assignee_id;
}

/// task_moved, task_completed and task_reopened say the same in other words.
constexpr auto moved = [](unit_of_work& rows, const auto& event, const event_context& context) {
    auto& row = touched(rows, event.task_id, context);
    row.status = event.to;
    row.rank = event.rank;
    if (event.from != event.to) {
        count(rows, event.project_id, event.from, -1, context);
        count(rows, event.project_id, event.to, 1, context);
    }
};

void deleted(unit_of_work& rows, const events::task_deleted& event, const event_context& context) {
    touched(rows, event.task_id, context).deleted = true;
    count(rows, event.project_id, event.status, -1, context);
}

void restored(
    unit_of_work& rows, const events::task_restored& event, const event_context& context
) {
    touched(rows, event.task_id, context).deleted = false;
    count(rows, event.project_id, event.status, 1, context);
}

void project_deleted(
    unit_of_work& rows, const events::project_deleted& event, const event_context& context
) {
    rows.put(deleted_project_row{event.project_id, context.head.time});
}

void run(task_row& row, events::timestamp since, std::int64_t change) {
    row.running_timers += change;
    row.running_since_ms += change * since.time_since_epoch().count();
}

void timer_started(unit_of_work& rows, const events::timer_started& event, const event_context&) {
    run(rows.existing<task_row>(event.task_id), event.start_time, 1);
}

void timer_stopped(unit_of_work& rows, const events::timer_stopped& event, const event_context&) {
    auto& row = rows.existing<task_row>(event.task_id);
    run(row, event.start_time, -1);
    row.logged_seconds += event.duration_seconds;
}

void timer_dropped(unit_of_work& rows, const events::timer_discarded& event, const event_context&) {
    run(rows.existing<task_row>(event.task_id), event.start_time, -1);
}

void log_added(unit_of_work& rows, const events::log_added& event, const event_context&) {
    rows.existing<task_row>(event.task_id).logged_seconds += event.duration_seconds;
}

void log_edited(unit_of_work& rows, const events::log_edited& event, const event_context&) {
    auto& row = rows.existing<task_row>(event.task_id);
    if (!event.previous_end_time) {
        run(row, event.previous_start_time, -1);
    }
    if (!event.end_time) {
        run(row, event.start_time, 1);
    }
    row.logged_seconds += event.duration_seconds.value_or(0);
    row.logged_seconds -= event.previous_duration_seconds.value_or(0);
}

void log_deleted(unit_of_work& rows, const events::log_deleted& event, const event_context&) {
    rows.existing<task_row>(event.task_id).logged_seconds -= event.previous_duration_seconds;
}

}  // namespace

projection tasks() {
    return {
        .name = "tasks",
        .version = 1,
        .tables = tables_of<task_row, board_row, deleted_project_row>(),
        .handlers =
            {on<events::task_created>(created),
             on<events::task_edited>(edited),
             on<events::task_assigned>(assigned),
             on<events::task_moved>(moved),
             on<events::task_completed>(moved),
             on<events::task_reopened>(moved),
             on<events::task_deleted>(deleted),
             on<events::task_restored>(restored),
             on<events::project_deleted>(project_deleted),
             on<events::timer_started>(timer_started),
             on<events::timer_stopped>(timer_stopped),
             on<events::timer_discarded>(timer_dropped),
             on<events::log_added>(log_added),
             on<events::log_edited>(log_edited),
             on<events::log_deleted>(log_deleted)},
    };
}

}  // namespace teamflow::projections
