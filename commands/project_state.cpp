#include "commands/project_state.hpp"

#include "commands/patching.hpp"

namespace teamflow::commands {

void evolve(project_state& state, const events::project_created& event) {
    state = {
        event.project_id, event.name, event.key, event.description, event.colour, false, false
    };
}

void evolve(project_state& state, const events::project_edited& event) {
    merge(state.name, event.name);
    merge(state.key, event.key);
    merge(state.description, event.description);
    merge(state.colour, event.colour);
}

void evolve(project_state& state, const events::project_archived&) {
    state.archived = true;
}

void evolve(project_state& state, const events::project_restored&) {
    state.archived = false;
}

void evolve(project_state& state, const events::project_deleted&) {
    state.deleted = true;
}

}  // namespace teamflow::commands
