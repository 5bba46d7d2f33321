#pragma once
// The state of any stream, and the one way that events change it.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include <boost/describe/class.hpp>

#include "commands/identity_state.hpp"
#include "commands/organization_state.hpp"
#include "commands/project_state.hpp"
#include "commands/read_model_state.hpp"
#include "commands/task_state.hpp"
#include "commands/template_state.hpp"
#include "commands/time_log_state.hpp"
#include "events/record.hpp"
#include "events/registry.hpp"
#include "events/time.hpp"

namespace teamflow::commands {

/// One alternative for each kind of stream; a state names its kind in `State::kind`, is described
/// (snapshots are its JSON), and has an `evolve(State&, const Event&)` for each event that matters
/// to it in commands/<family>_state.hpp. A deleted resource says so in its state.
using stream_state = std::variant<
    std::monostate,
    organization_state,
    member_state,
    invitation_state,
    project_state,
    task_state,
    time_log_state,
    template_state,
    template_usage_state,
    user_state,
    email_state,
    read_model_state>;

/// A stream as far as it is folded: its state and what the envelopes of its events say. (When a
/// resource was made and by whom is therefore in no event's data.)
struct folded_stream {
    std::int64_t version = 0;
    events::timestamp created_at;
    /// Nil when a process manager began the stream.
    events::user_id created_by;
    events::timestamp updated_at;
    stream_state state;
};

/// Applies the next event of the stream named `stream`. Total: an event that means nothing to this
/// kind of stream changes no state. `actor` is nil for process managers.
void apply(
    folded_stream& folded,
    std::string_view stream,
    const events::event& event,
    events::timestamp at,
    events::user_id actor
);

/// Null instead of the nil id that stands for process managers.
std::optional<events::user_id> user_or_null(events::user_id id);

/// The user who is named as actor of an envelope; nil for `system:<process manager>`.
events::user_id actor_of(const events::envelope& head);

}  // namespace teamflow::commands
