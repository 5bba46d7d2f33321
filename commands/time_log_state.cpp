#include "commands/time_log_state.hpp"

namespace teamflow::commands {

void evolve(time_log_state& state, const events::timer_started& event) {
    state = {
        event.time_log_id,
        event.task_id,
        event.project_id,
        event.user_id,
        event.start_time,
        std::nullopt,
        std::nullopt,
        event.description,
        event.category,
        event.is_billable,
        false,
        false
    };
}

void evolve(time_log_state& state, const events::timer_stopped& event) {
    state.end_time = event.end_time;
    state.duration_seconds = event.duration_seconds;
}

void evolve(time_log_state& state, const events::timer_discarded&) {
    state.deleted = true;
}

void evolve(time_log_state& state, const events::timer_flagged&) {
    state.flagged = true;
}

void evolve(time_log_state& state, const events::log_added& event) {
    state = {
        event.time_log_id,
        event.task_id,
        event.project_id,
        event.user_id,
        event.start_time,
        event.end_time,
        event.duration_seconds,
        event.description,
        event.category,
        event.is_billable,
        false,
        false
    };
}

void evolve(time_log_state& state, const events::log_edited& event) {
    // A timer that is put forward may come to run for a day again.
    state.flagged = state.flagged && event.start_time <= state.start_time;
    state.start_time = event.start_time;
    state.end_time = event.end_time;
    state.duration_seconds = event.duration_seconds;
    state.description = event.description;
    state.category = event.category;
    state.is_billable = event.is_billable;
}

void evolve(time_log_state& state, const events::log_deleted&) {
    state.deleted = true;
}

}  // namespace teamflow::commands
