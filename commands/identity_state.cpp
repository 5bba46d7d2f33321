#include "commands/identity_state.hpp"

namespace teamflow::commands {

void evolve(user_state& state, const events::user_registered& event) {
    state = {
        event.user_id, event.email, event.name, event.organization(), event.organization_name, false
    };
}

void evolve(user_state& state, const events::profile_changed& event) {
    state.name = event.name;
}

void evolve(user_state& state, const events::user_erased&) {
    state.erased = true;
}

void evolve(email_state& state, const events::email_reserved& event) {
    state.owner = event.user_id;
}

void evolve(email_state& state, const events::email_released&) {
    state.owner = std::nullopt;
}

}  // namespace teamflow::commands
