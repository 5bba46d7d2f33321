#include "projections/timers.hpp"

namespace teamflow::projections {

namespace {

void started(unit_of_work& rows, const events::timer_started& event, const event_context& context) {
    rows.put(timer_row{
        .time_log_id = event.time_log_id,
        .organization_id = context.head.organization,
        .project_id = event.project_id,
        .task_id = event.task_id,
        .user_id = event.user_id,
        .start_time = event.start_time,
        .description = event.description,
        .category = event.category,
        .is_billable = event.is_billable,
        .flagged = false,
        .version = context.head.stream_version
    });
}

constexpr auto ended = [](unit_of_work& rows, const auto& event, const event_context&) {
    rows.erase<timer_row>(event.time_log_id);
};

void flagged(unit_of_work& rows, const events::timer_flagged& event, const event_context& context) {
    auto& row = rows.existing<timer_row>(event.time_log_id);
    row.flagged = true;
    row.version = context.head.stream_version;
}

/// A log may be edited while its timer runs, and an edit may end it.
void edited(unit_of_work& rows, const events::log_edited& event, const event_context& context) {
    if (event.previous_end_time) {
        return;
    }
    if (event.end_time) {
        rows.erase<timer_row>(event.time_log_id);
        return;
    }
    auto& row = rows.existing<timer_row>(event.time_log_id);
    row.start_time = event.start_time;
    row.description = event.description;
    row.category = event.category;
    row.is_billable = event.is_billable;
    row.version = context.head.stream_version;
}

}  // namespace

projection timers() {
    return {
        .name = "timers",
        .version = 1,
        .tables = tables_of<timer_row>(),
        .handlers =
            {on<events::timer_started>(started),
             on<events::timer_stopped>(ended),
             on<events::timer_discarded>(ended),
             on<events::timer_flagged>(flagged),
             on<events::log_edited>(edited)},
    };
}

}  // namespace teamflow::projections
