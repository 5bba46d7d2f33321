#include "projections/time_logs.hpp"

namespace teamflow::projections {

namespace {

/// What timer_started, log_added and log_edited say in the same words.
template <class Event>
void copy_common(time_log_row& row, const Event& event, const event_context& context) {
    row.project_id = event.project_id;
    row.task_id = event.task_id;
    row.user_id = event.user_id;
    row.start_time = event.start_time;
    row.description = event.description;
    row.category = event.category;
    row.is_billable = event.is_billable;
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
}

template <class Event>
time_log_row fresh(const Event& event, const event_context& context) {
    time_log_row row;
    row.id = event.time_log_id;
    row.organization_id = context.head.organization;
    row.created_at = context.head.time;
    copy_common(row, event, context);
    return row;
}

time_log_row& touched(unit_of_work& rows, events::time_log_id log, const event_context& context) {
    auto& row = rows.existing<time_log_row>(log);
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    return row;
}

/// Totals change by increments, so that logs of one task do not wait for each other.
void add_time(task_total_row& total, std::int64_t seconds, bool billable) {
    total.total_seconds += seconds;
    total.billable_seconds += billable ? seconds : 0;
}

void timer_started(
    unit_of_work& rows, const events::timer_started& event, const event_context& context
) {
    rows.put(fresh(event, context));
    ++rows.row<task_total_row>(event.task_id).logs;
}

void timer_stopped(
    unit_of_work& rows, const events::timer_stopped& event, const event_context& context
) {
    auto& row = touched(rows, event.time_log_id, context);
    row.end_time = event.end_time;
    row.duration_seconds = event.duration_seconds;
    auto& total = rows.row<task_total_row>(event.task_id);
    add_time(total, event.duration_seconds, event.is_billable);
}

void timer_dropped(unit_of_work& rows, const events::timer_discarded& event, const event_context&) {
    rows.erase<time_log_row>(event.time_log_id);
    --rows.row<task_total_row>(event.task_id).logs;
}

void timer_flagged(
    unit_of_work& rows, const events::timer_flagged& event, const event_context& context
) {
    touched(rows, event.time_log_id, context).flagged = true;
}

void log_added(unit_of_work& rows, const events::log_added& event, const event_context& context) {
    auto row = fresh(event, context);
    row.end_time = event.end_time;
    row.duration_seconds = event.duration_seconds;
    rows.put(std::move(row));
    auto& total = rows.row<task_total_row>(event.task_id);
    ++total.logs;
    add_time(total, event.duration_seconds, event.is_billable);
}

void log_edited(unit_of_work& rows, const events::log_edited& event, const event_context& context) {
    auto& row = touched(rows, event.time_log_id, context);
    copy_common(row, event, context);
    row.end_time = event.end_time;
    row.duration_seconds = event.duration_seconds;
    auto& total = rows.row<task_total_row>(event.task_id);
    add_time(total, -event.previous_duration_seconds.value_or(0), event.previous_is_billable);
    add_time(total, event.duration_seconds.value_or(0), event.is_billable);
}

void log_deleted(unit_of_work& rows, const events::log_deleted& event, const event_context&) {
    rows.erase<time_log_row>(event.time_log_id);
    auto& total = rows.row<task_total_row>(event.task_id);
    --total.logs;
    add_time(total, -event.previous_duration_seconds, event.previous_is_billable);
}

}  // namespace

projection time_logs() {
    return {
        .name = "time_logs",
        .version = 1,
        .tables = tables_of<time_log_row, task_total_row>(),
        .handlers =
            {on<events::timer_started>(timer_started),
             on<events::timer_stopped>(timer_stopped),
             on<events::timer_discarded>(timer_dropped),
             on<events::timer_flagged>(timer_flagged),
             on<events::log_added>(log_added),
             on<events::log_edited>(log_edited),
             on<events::log_deleted>(log_deleted)},
    };
}

}  // namespace teamflow::projections
