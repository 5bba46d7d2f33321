#pragma once
// What each event means to an organization's directory; one overload for each event that matters.

#include "commands/directory.hpp"

namespace teamflow::commands {

void evolve(directory& directory, const events::organization_created& event);
void evolve(directory& directory, const events::organization_settings_changed& event);
void evolve(directory& directory, const events::member_added& event);
void evolve(directory& directory, const events::member_changed& event);
void evolve(directory& directory, const events::invitation_created& event);
void evolve(directory& directory, const events::invitation_accepted& event);
void evolve(directory& directory, const events::invitation_revoked& event);

void evolve(directory& directory, const events::project_created& event);
void evolve(directory& directory, const events::project_edited& event);
void evolve(directory& directory, const events::project_archived& event);
void evolve(directory& directory, const events::project_restored& event);
void evolve(directory& directory, const events::project_deleted& event);

void evolve(directory& directory, const events::task_created& event);
void evolve(directory& directory, const events::task_assigned& event);
void evolve(directory& directory, const events::task_moved& event);
void evolve(directory& directory, const events::task_completed& event);
void evolve(directory& directory, const events::task_reopened& event);
void evolve(directory& directory, const events::task_deleted& event);
void evolve(directory& directory, const events::task_restored& event);

void evolve(directory& directory, const events::timer_started& event);
void evolve(directory& directory, const events::timer_stopped& event);
void evolve(directory& directory, const events::timer_discarded& event);
void evolve(directory& directory, const events::timer_flagged& event);
void evolve(directory& directory, const events::log_edited& event);

}  // namespace teamflow::commands
