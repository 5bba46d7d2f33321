#pragma once
// What deciders on timers and on time logs have in common.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "commands/time_log.hpp"

namespace teamflow::commands {

/// A task on which time may be spent: there, not deleted, its project neither archived nor deleted.
/// A task that never was is not_found, any other reason is task_closed.
std::expected<const task_state*, refusal> workable_task(events::task_id id, const view& view);

/// Whole seconds between two moments, rounded down; `to` is not before `from`.
std::int64_t whole_seconds(events::timestamp from, events::timestamp to);

/// The category without surrounding white space; blank is none.
std::optional<std::string> clean_category(const std::optional<log_category>& category);

/// A running log is thrown away.
events::timer_discarded discarded(const time_log_state& log);

}  // namespace teamflow::commands
