#pragma once
// The folded stream of a time log: a running timer, then finished work, then perhaps nothing.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "events/time_log.hpp"

namespace teamflow::commands {

struct time_log_state {
    static constexpr events::stream_kind kind = events::stream_kind::timelog;

    events::time_log_id id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    events::timestamp start_time;
    /// End and duration are empty while the timer runs.
    std::optional<events::timestamp> end_time;
    std::optional<std::int64_t> duration_seconds;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
    /// Was found running for a day.
    bool flagged = false;
    /// Discarded or deleted.
    bool deleted = false;

    [[nodiscard]] bool running() const { return !end_time && !deleted; }

    friend bool operator==(const time_log_state&, const time_log_state&) = default;
};
BOOST_DESCRIBE_STRUCT(
    time_log_state,
    (),
    (id,
     task_id,
     project_id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     description,
     category,
     is_billable,
     flagged,
     deleted)
)

void evolve(time_log_state& state, const events::timer_started& event);
void evolve(time_log_state& state, const events::timer_stopped& event);
void evolve(time_log_state& state, const events::timer_discarded& event);
void evolve(time_log_state& state, const events::timer_flagged& event);
void evolve(time_log_state& state, const events::log_added& event);
void evolve(time_log_state& state, const events::log_edited& event);
void evolve(time_log_state& state, const events::log_deleted& event);

}  // namespace teamflow::commands
