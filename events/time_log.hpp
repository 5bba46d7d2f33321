#pragma once
// The events of time tracking; stream `timelog-<id>`. Each carries what a total needs to be kept as
// an increment: the ids, the new figures and, where there were others before, those too.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/personal.hpp"
#include "events/stream.hpp"
#include "events/time.hpp"

namespace teamflow::events {

struct timer_started {
    static constexpr std::string_view type = "time.timer_started";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "Somebody began to work on a task.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;
    std::optional<personal> description;
    std::optional<std::string> category;
    bool is_billable = true;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const timer_started&, const timer_started&) = default;
};
BOOST_DESCRIBE_STRUCT(
    timer_started,
    (),
    (time_log_id, task_id, project_id, user_id, start_time, description, category, is_billable)
)

struct timer_stopped {
    static constexpr std::string_view type = "time.timer_stopped";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A running timer was stopped; its time counts from now on.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;
    timestamp end_time;
    /// Whole seconds, rounded down; never negative.
    std::int64_t duration_seconds = 0;
    std::optional<std::string> category;
    bool is_billable = true;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const timer_stopped&, const timer_stopped&) = default;
};
BOOST_DESCRIBE_STRUCT(
    timer_stopped,
    (),
    (time_log_id,
     task_id,
     project_id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     category,
     is_billable)
)

struct timer_discarded {
    static constexpr std::string_view type = "time.timer_discarded";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A running timer was thrown away, by its user or because its task was deleted.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const timer_discarded&, const timer_discarded&) = default;
};
BOOST_DESCRIBE_STRUCT(timer_discarded, (), (time_log_id, task_id, project_id, user_id, start_time))

struct timer_flagged {
    static constexpr std::string_view type = "time.timer_flagged";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A timer has been running for 24 hours or more; probably it was forgotten.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const timer_flagged&, const timer_flagged&) = default;
};
BOOST_DESCRIBE_STRUCT(timer_flagged, (), (time_log_id, task_id, project_id, user_id, start_time))

struct log_added {
    static constexpr std::string_view type = "time.log_added";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "Work that was not timed was logged by hand.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;
    timestamp end_time;
    std::int64_t duration_seconds = 0;
    std::optional<personal> description;
    std::optional<std::string> category;
    bool is_billable = true;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const log_added&, const log_added&) = default;
};
BOOST_DESCRIBE_STRUCT(
    log_added,
    (),
    (time_log_id,
     task_id,
     project_id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     description,
     category,
     is_billable)
)

/// The log as it is now, whole, and what it was before. End and duration are null while it runs.
struct log_edited {
    static constexpr std::string_view type = "time.log_edited";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A time log was corrected: the log as it is now, with the figures from before.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp start_time;
    std::optional<timestamp> end_time;
    std::optional<std::int64_t> duration_seconds;
    std::optional<personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
    timestamp previous_start_time;
    std::optional<timestamp> previous_end_time;
    std::optional<std::int64_t> previous_duration_seconds;
    std::optional<std::string> previous_category;
    bool previous_is_billable = true;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const log_edited&, const log_edited&) = default;
};
BOOST_DESCRIBE_STRUCT(
    log_edited,
    (),
    (time_log_id,
     task_id,
     project_id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     description,
     category,
     is_billable,
     previous_start_time,
     previous_end_time,
     previous_duration_seconds,
     previous_category,
     previous_is_billable)
)

/// Only of finished logs; deleting a running one discards its timer.
struct log_deleted {
    static constexpr std::string_view type = "time.log_deleted";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A finished time log was deleted; its time no longer counts.";

    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    timestamp previous_start_time;
    timestamp previous_end_time;
    std::int64_t previous_duration_seconds = 0;
    std::optional<std::string> previous_category;
    bool previous_is_billable = true;

    [[nodiscard]] std::string stream() const { return stream_of(time_log_id); }

    friend bool operator==(const log_deleted&, const log_deleted&) = default;
};
BOOST_DESCRIBE_STRUCT(
    log_deleted,
    (),
    (time_log_id,
     task_id,
     project_id,
     user_id,
     previous_start_time,
     previous_end_time,
     previous_duration_seconds,
     previous_category,
     previous_is_billable)
)

using time_events = boost::mp11::mp_list<
    timer_started,
    timer_stopped,
    timer_discarded,
    timer_flagged,
    log_added,
    log_edited,
    log_deleted>;

}  // namespace teamflow::events
