#pragma once
// Commands on timers and time logs, and what clients see of them.
//
// A description is personal: deciders see it sealed only. Where a command has `description` and
// `sealed_description`, the first is what the request said (and is checked as such) and the second
// is what the gateway made of it under the actor's key; only the second is read here. An empty
// description is none.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

using log_description = events::json::text<0, 1000>;
/// Free text such as `development` or `meeting`; blank is none.
using log_category = events::json::text<0, 100>;

/// Seconds as hours, rounded to 2 decimals.
double to_hours(std::int64_t seconds);

/// A time log as it is listed; while it runs, end and duration are null.
struct time_log_resource {
    events::time_log_id id;
    events::user_id user_id;
    events::timestamp start_time;
    std::optional<events::timestamp> end_time;
    std::optional<std::int64_t> duration_seconds;
    std::optional<double> duration_hours;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;

    friend bool operator==(const time_log_resource&, const time_log_resource&) = default;
};
BOOST_DESCRIBE_STRUCT(
    time_log_resource,
    (),
    (id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     duration_hours,
     description,
     category,
     is_billable)
)

struct started_timer {
    std::string message;
    events::time_log_id time_log_id;
    events::task_id task_id;
    std::string task_title;
    events::user_id user_id;
    events::timestamp start_time;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
};
BOOST_DESCRIBE_STRUCT(
    started_timer,
    (),
    (message,
     time_log_id,
     task_id,
     task_title,
     user_id,
     start_time,
     description,
     category,
     is_billable)
)

/// The actor's own timer. One at a time for each task; with single_running_timer the actor's timers
/// on other tasks are stopped in the same commit.
struct start_timer {
    static constexpr role allowed = role::member;

    events::task_id task_id;
    std::optional<log_description> description;
    std::optional<log_category> category;
    events::json::defaulted<bool, true> is_billable;
    /// Not part of the request; see the top of this file.
    std::optional<events::personal> sealed_description;
};
BOOST_DESCRIBE_STRUCT(start_timer, (), (task_id, description, category, is_billable))

std::vector<std::string> streams(const start_timer&, const directory&, const context&);
decision decide(const start_timer&, const view&, const context&);
started_timer reply(const start_timer&, const view&, const context&);

struct stopped_timer {
    std::string message;
    events::time_log_id time_log_id;
    events::timestamp start_time;
    events::timestamp end_time;
    std::int64_t duration_seconds = 0;
    double duration_hours = 0;
    bool is_billable = true;
};
BOOST_DESCRIBE_STRUCT(
    stopped_timer,
    (),
    (message, time_log_id, start_time, end_time, duration_seconds, duration_hours, is_billable)
)

/// The actor's timer on this task, whatever has become of the task.
struct stop_timer {
    static constexpr role allowed = role::member;

    events::task_id task_id;
};
BOOST_DESCRIBE_STRUCT(stop_timer, (), (task_id))

std::vector<std::string> streams(const stop_timer&, const directory&, const context&);
decision decide(const stop_timer&, const view&, const context&);
stopped_timer reply(const stop_timer&, const view&, const context&);

/// The actor's timer on this task is as if it had never run, but for history.
struct discard_timer {
    static constexpr role allowed = role::member;

    events::task_id task_id;
};
BOOST_DESCRIBE_STRUCT(discard_timer, (), (task_id))

std::vector<std::string> streams(const discard_timer&, const directory&, const context&);
decision decide(const discard_timer&, const view&, const context&);
no_content reply(const discard_timer&, const view&, const context&);

/// Marks a timer that has run for 24 hours; once, unless it is put forward. For process managers
/// only; changes nothing when there is nothing to mark.
struct flag_timer {
    static constexpr role allowed = role::owner;

    events::time_log_id time_log_id;
};
BOOST_DESCRIBE_STRUCT(flag_timer, (), (time_log_id))

std::vector<std::string> streams(const flag_timer&, const directory&, const context&);
decision decide(const flag_timer&, const view&, const context&);
no_content reply(const flag_timer&, const view&, const context&);

/// Work from start to end: after each other, at most 366 days apart, the end at most 5 minutes in
/// the future (clocks differ). Logs may overlap. For somebody else only as admin; whoever was ever
/// a member may get one.
struct add_time_log {
    static constexpr role allowed = role::member;

    events::task_id task_id;
    events::timestamp start_time;
    events::timestamp end_time;
    std::optional<log_description> description;
    std::optional<log_category> category;
    events::json::defaulted<bool, true> is_billable;
    std::optional<events::user_id> user_id;
    /// Not part of the request; see the top of this file.
    std::optional<events::personal> sealed_description;
};
BOOST_DESCRIBE_STRUCT(
    add_time_log, (), (task_id, start_time, end_time, description, category, is_billable, user_id)
)

std::vector<std::string> streams(const add_time_log&, const directory&, const context&);
decision decide(const add_time_log&, const view&, const context&);
time_log_resource reply(const add_time_log&, const view&, const context&);

/// One's own log, or anyone's as admin. The start of a running timer can be moved, its end not set
/// (409 timer_running): that is what stopping is for.
struct edit_time_log {
    static constexpr role allowed = role::member;

    events::time_log_id time_log_id;
    events::json::replace<events::timestamp> start_time;
    events::json::replace<events::timestamp> end_time;
    events::json::patch<log_description> description;
    events::json::patch<log_category> category;
    events::json::replace<bool> is_billable;
    /// Not part of the request; see the top of this file.
    events::json::patch<events::personal> sealed_description;
};
BOOST_DESCRIBE_STRUCT(
    edit_time_log, (), (time_log_id, start_time, end_time, description, category, is_billable)
)

std::vector<std::string> streams(const edit_time_log&, const directory&, const context&);
decision decide(const edit_time_log&, const view&, const context&);
time_log_resource reply(const edit_time_log&, const view&, const context&);

/// One's own log, or anyone's as admin. Of a running timer: discards it.
struct delete_time_log {
    static constexpr role allowed = role::member;

    events::time_log_id time_log_id;
};
BOOST_DESCRIBE_STRUCT(delete_time_log, (), (time_log_id))

std::vector<std::string> streams(const delete_time_log&, const directory&, const context&);
decision decide(const delete_time_log&, const view&, const context&);
no_content reply(const delete_time_log&, const view&, const context&);

}  // namespace teamflow::commands
