#include "commands/organization_state.hpp"

namespace teamflow::commands {

void merge(organization_settings& settings, const events::organization_settings_changed& event) {
    settings.single_running_timer =
        event.single_running_timer.value_or(settings.single_running_timer);
    settings.time_zone = event.time_zone.value_or(settings.time_zone);
    settings.max_concurrent_generations =
        event.max_concurrent_generations.value_or(settings.max_concurrent_generations);
}

void evolve(organization_state& state, const events::organization_created& event) {
    state.id = event.organization_id;
    state.name = event.name;
}

void evolve(organization_state& state, const events::organization_settings_changed& event) {
    state.name = event.name.value_or(state.name);
    merge(state.settings, event);
}

void evolve(member_state& state, const events::member_added& event) {
    state.id = event.user_id;
    state.role = event.role;
    state.active = true;
    state.joined_at = event.joined_at;
}

void evolve(member_state& state, const events::member_changed& event) {
    state.role = event.role;
    state.active = event.active;
}

void evolve(invitation_state& state, const events::invitation_created& event) {
    state = {
        event.invitation_id,
        event.email,
        event.email_hmac,
        event.role,
        event.token_hash,
        event.expires_at,
        invitation_status::pending,
        false
    };
}

void evolve(invitation_state& state, const events::invitation_accepted&) {
    state.status = invitation_status::accepted;
}

void evolve(invitation_state& state, const events::invitation_revoked&) {
    state.status = invitation_status::revoked;
}

void evolve(invitation_state& state, const events::invitation_erased&) {
    state.erased = true;
    state.email_hmac.clear();
}

}  // namespace teamflow::commands
