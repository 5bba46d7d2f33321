#include "commands/time_log.hpp"

#include <chrono>
#include <cmath>
#include <utility>

#include "commands/patching.hpp"
#include "commands/time_log_rules.hpp"
#include "commands/trimmed.hpp"

namespace teamflow::commands {

namespace json = events::json;

namespace {

/// Real records sum up months of one person's work in one log; a year more is a typing error.
constexpr std::chrono::hours longest_log{24 * 366};
constexpr std::chrono::minutes clock_difference{5};

void check_span(
    json::problems& problems, events::timestamp start, events::timestamp end, const context& context
) {
    if (end <= start) {
        problems.push_back({"end_time", "not_after_start", "must be after start_time"});
    } else if (end - start > longest_log) {
        problems.push_back({"end_time", "too_long", "must be at most 366 days after start_time"});
    }
    if (end > context.now + clock_difference) {
        problems.push_back({"end_time", "in_future", "must not lie in the future"});
    }
}

void check_start(json::problems& problems, events::timestamp start, const context& context) {
    if (start > context.now) {
        problems.push_back({"start_time", "in_future", "must not lie in the future"});
    } else if (context.now - start > longest_log) {
        problems.push_back({"start_time", "too_long", "must be at most 366 days ago"});
    }
}

time_log_resource resource_of(events::time_log_id id, const view& view) {
    const auto& log = std::get<time_log_state>(view.at(stream_of(id)).state);
    const auto& seconds = log.duration_seconds;
    return {
        log.id,
        log.user_id,
        log.start_time,
        log.end_time,
        seconds,
        seconds ? std::optional(to_hours(*seconds)) : std::nullopt,
        log.description,
        log.category,
        log.is_billable
    };
}

bool is_admin(const view& view, const context& context) {
    const auto* const actor = view.organization().active_member(context.actor);
    return context.is_system() || (actor != nullptr && actor->role >= role::admin);
}

/// The log, if it is there and the actor may change it.
std::expected<const time_log_state*, refusal> changeable_log(
    events::time_log_id id, const view& view, const context& context
) {
    const auto* const log = view.find<time_log_state>(stream_of(id));
    if (log == nullptr || log->deleted) {
        return std::unexpected(not_found("time_log", id));
    }
    if (log->user_id != context.actor && !is_admin(view, context)) {
        return std::unexpected(refuse(
            refusal_code::forbidden,
            "only admins change the time logs of others",
            "time_log",
            to_string(id)
        ));
    }
    return log;
}

json::patch<std::string> clean(const json::patch<log_category>& category) {
    using action = json::patch<std::string>::action;
    const auto text = clean_category(category.value);
    if (category.replaces() && text) {
        return {action::replace, *text};
    }
    return {category.keeps() ? action::keep : action::clear, {}};
}

/// The log as it is to be, in the event that says so.
events::log_edited edited(const time_log_state& log, const edit_time_log& command) {
    events::log_edited event{
        log.id,
        log.task_id,
        log.project_id,
        log.user_id,
        command.start_time.value.value_or(log.start_time),
        log.running() || !command.end_time.value ? log.end_time : command.end_time.value,
        std::nullopt,
        log.description,
        log.category,
        command.is_billable.value.value_or(log.is_billable),
        log.start_time,
        log.end_time,
        log.duration_seconds,
        log.category,
        log.is_billable
    };
    merge(event.description, command.sealed_description);
    merge(event.category, clean(command.category));
    return event;
}

bool changes_times(const time_log_state& log, const events::log_edited& event) {
    return event.start_time != log.start_time || event.end_time != log.end_time;
}

bool changes_log(const time_log_state& log, const events::log_edited& event) {
    return changes_times(log, event) || event.description != log.description ||
           event.category != log.category || event.is_billable != log.is_billable;
}

}  // namespace

double to_hours(std::int64_t seconds) {
    return std::round(static_cast<double>(seconds) / 36.0) / 100.0;
}

std::expected<const task_state*, refusal> workable_task(events::task_id id, const view& view) {
    const auto* const task = view.find<task_state>(stream_of(id));
    if (task == nullptr) {
        return std::unexpected(not_found("task", id));
    }
    const auto* const project = view.organization().project(task->project_id);
    if (task->deleted || project == nullptr || project->deleted || project->archived) {
        return std::unexpected(refuse(
            refusal_code::task_closed,
            "the task is deleted or its project is archived",
            "task",
            to_string(id)
        ));
    }
    return task;
}

std::int64_t whole_seconds(events::timestamp from, events::timestamp to) {
    return std::chrono::floor<std::chrono::seconds>(to - from).count();
}

std::optional<std::string> clean_category(const std::optional<log_category>& category) {
    const auto text = category ? trimmed(category->value) : std::string_view{};
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

events::timer_discarded discarded(const time_log_state& log) {
    return {log.id, log.task_id, log.project_id, log.user_id, log.start_time};
}

std::vector<std::string> streams(
    const add_time_log& command, const directory&, const context& context
) {
    return {stream_of(context.make_id<events::time_log_id>(0)), stream_of(command.task_id)};
}

decision decide(const add_time_log& command, const view& view, const context& context) {
    const auto task = workable_task(command.task_id, view);
    if (!task) {
        return std::unexpected(task.error());
    }
    const auto user = command.user_id.value_or(context.actor);
    if (user != context.actor && !is_admin(view, context)) {
        return std::unexpected(refuse(refusal_code::forbidden, "only admins log the time of others")
        );
    }
    json::problems problems;
    check_span(problems, command.start_time, command.end_time, context);
    if (view.organization().member(user) == nullptr) {
        problems.push_back({"user_id", "not_a_member", "must be a member of the organization"});
    }
    if (!problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    return emit(events::log_added{
        context.make_id<events::time_log_id>(0),
        command.task_id,
        (*task)->project_id,
        user,
        command.start_time,
        command.end_time,
        whole_seconds(command.start_time, command.end_time),
        command.sealed_description,
        clean_category(command.category),
        command.is_billable.value
    });
}

time_log_resource reply(const add_time_log&, const view& view, const context& context) {
    return resource_of(context.make_id<events::time_log_id>(0), view);
}

std::vector<std::string> streams(const edit_time_log& command, const directory&, const context&) {
    return {stream_of(command.time_log_id)};
}

decision decide(const edit_time_log& command, const view& view, const context& context) {
    const auto present = changeable_log(command.time_log_id, view, context);
    if (!present) {
        return std::unexpected(present.error());
    }
    const time_log_state& log = **present;
    if (log.running() && command.end_time.value) {
        return std::unexpected(refuse(
            refusal_code::timer_running,
            "the timer is running: stop it to set its end",
            "time_log",
            to_string(log.id)
        ));
    }
    auto event = edited(log, command);
    if (!changes_log(log, event)) {
        return pending_events{};
    }
    json::problems problems;
    if (changes_times(log, event)) {
        if (event.end_time) {
            check_span(problems, event.start_time, *event.end_time, context);
        } else {
            check_start(problems, event.start_time, context);
        }
    }
    if (!problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    if (event.end_time) {
        event.duration_seconds = whole_seconds(event.start_time, *event.end_time);
    }
    return emit(std::move(event));
}

time_log_resource reply(const edit_time_log& command, const view& view, const context&) {
    return resource_of(command.time_log_id, view);
}

std::vector<std::string> streams(const delete_time_log& command, const directory&, const context&) {
    return {stream_of(command.time_log_id)};
}

decision decide(const delete_time_log& command, const view& view, const context& context) {
    const auto present = changeable_log(command.time_log_id, view, context);
    if (!present) {
        return std::unexpected(present.error());
    }
    const time_log_state& log = **present;
    if (log.running()) {
        return emit(discarded(log));
    }
    return emit(events::log_deleted{
        log.id,
        log.task_id,
        log.project_id,
        log.user_id,
        log.start_time,
        log.end_time.value_or(log.start_time),
        log.duration_seconds.value_or(0),
        log.category,
        log.is_billable
    });
}

no_content reply(const delete_time_log&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
