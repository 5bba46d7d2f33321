#include "commands/directory_evolve.hpp"

namespace teamflow::commands {

namespace {

template <class Event>
concept matters = requires(directory& into, const Event& event) { evolve(into, event); };

/// A change of column: what was open work may be none now, or the other way round.
template <class Move>
void count_move(directory& directory, const Move& event) {
    const int by = int{events::is_open(event.to)} - int{events::is_open(event.from)};
    directory.count_open_tasks(event.project_id, event.assignee_id, by);
}

}  // namespace

void apply(directory& directory, const events::event& event) {
    std::visit(
        [&]<class Event>(const Event& happened) {
            if constexpr (matters<Event>) {
                evolve(directory, happened);
            }
        },
        event
    );
}

void evolve(directory& directory, const events::organization_created& event) {
    directory.rename(event.name);
}

void evolve(directory& directory, const events::organization_settings_changed& event) {
    directory.change(event);
}

void evolve(directory& directory, const events::member_added& event) {
    directory.put(event.user_id, {event.role, true, 0, event.joined_at});
}

void evolve(directory& directory, const events::member_changed& event) {
    directory.change(event.user_id, event.role, event.active);
}

void evolve(directory& directory, const events::invitation_created& event) {
    directory.invite(event.email_hmac, event.invitation_id);
}

void evolve(directory& directory, const events::invitation_accepted& event) {
    directory.close_invitation(event.email_hmac, event.invitation_id);
}

void evolve(directory& directory, const events::invitation_revoked& event) {
    directory.close_invitation(event.email_hmac, event.invitation_id);
}

void evolve(directory& directory, const events::project_created& event) {
    directory.put(event.project_id, {event.key, false, false, 0});
}

void evolve(directory& directory, const events::project_edited& event) {
    if (event.key.value) {
        directory.rekey(event.project_id, *event.key.value);
    }
}

void evolve(directory& directory, const events::project_archived& event) {
    directory.archive(event.project_id, true);
}

void evolve(directory& directory, const events::project_restored& event) {
    directory.archive(event.project_id, false);
}

void evolve(directory& directory, const events::project_deleted& event) {
    directory.remove(event.project_id);
}

void evolve(directory& directory, const events::task_created& event) {
    directory.count_open_tasks(
        event.project_id, event.assignee_id, int{events::is_open(event.status)}
    );
}

void evolve(directory& directory, const events::task_assigned& event) {
    const int open = int{events::is_open(event.status)};
    directory.count_open_tasks(event.project_id, event.previous_assignee_id, -open);
    directory.count_open_tasks(event.project_id, event.assignee_id, open);
}

void evolve(directory& directory, const events::task_moved& event) {
    count_move(directory, event);
}

void evolve(directory& directory, const events::task_completed& event) {
    count_move(directory, event);
}

void evolve(directory& directory, const events::task_reopened& event) {
    count_move(directory, event);
}

void evolve(directory& directory, const events::task_deleted& event) {
    directory.count_open_tasks(
        event.project_id, event.assignee_id, -int{events::is_open(event.status)}
    );
}

void evolve(directory& directory, const events::task_restored& event) {
    directory.count_open_tasks(
        event.project_id, event.assignee_id, int{events::is_open(event.status)}
    );
}

void evolve(directory& directory, const events::timer_started& event) {
    directory.start(
        {event.time_log_id, event.task_id, event.project_id, event.user_id, event.start_time, false}
    );
}

void evolve(directory& directory, const events::timer_stopped& event) {
    directory.stop(event.task_id, event.user_id);
}

void evolve(directory& directory, const events::timer_discarded& event) {
    directory.stop(event.task_id, event.user_id);
}

void evolve(directory& directory, const events::timer_flagged& event) {
    directory.flag(event.task_id, event.user_id);
}

void evolve(directory& directory, const events::log_edited& event) {
    if (!event.end_time) {
        directory.restart(event.task_id, event.user_id, event.start_time);
    }
}

}  // namespace teamflow::commands
