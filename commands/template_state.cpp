#include "commands/template_state.hpp"

#include "commands/patching.hpp"

namespace teamflow::commands {

void evolve(template_state& state, const events::template_created& event) {
    state = {
        event.template_id, event.name, event.description, event.category, event.template_data, true
    };
}

void evolve(template_state& state, const events::template_edited& event) {
    merge(state.name, event.name);
    merge(state.description, event.description);
    merge(state.category, event.category);
    merge(state.template_data, event.template_data);
}

void evolve(template_state& state, const events::template_deactivated&) {
    state.is_active = false;
}

void evolve(template_state& state, const events::template_reactivated&) {
    state.is_active = true;
}

void evolve(template_usage_state& state, const events::template_applied&) {
    ++state.usage_count;
}

}  // namespace teamflow::commands
