#include "commands/directory_evolve.hpp"

namespace teamflow::commands {

namespace {

template <class Event>
concept matters = requires(directory& into, const Event& event) { evolve(into, event); };

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
    directory.close_invitation(event.email_hmac);
}

void evolve(directory& directory, const events::invitation_revoked& event) {
    directory.close_invitation(event.email_hmac);
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

}  // namespace teamflow::commands
