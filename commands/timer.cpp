// Running timers: start, stop, discard, flag.

#include <algorithm>
#include <chrono>
#include <utility>

#include "commands/task_rules.hpp"
#include "commands/time_log.hpp"
#include "commands/time_log_rules.hpp"

namespace teamflow::commands {

namespace {

/// The actor's other timers, when only one may run.
std::vector<running_timer> timers_to_stop(
    const start_timer& command, const directory& directory, const context& context
) {
    if (!directory.settings().single_running_timer) {
        return {};
    }
    auto others = directory.timers_of(context.actor);
    std::erase_if(others, [&](const auto& timer) { return timer.task_id == command.task_id; });
    return others;
}

/// The stop of a running log; its time never runs backwards, even if the clock did.
events::timer_stopped stopped(const time_log_state& log, const context& context) {
    const auto end = std::max(log.start_time, context.now);
    return {
        log.id,
        log.task_id,
        log.project_id,
        log.user_id,
        log.start_time,
        end,
        whole_seconds(log.start_time, end),
        log.category,
        log.is_billable
    };
}

refusal no_active_timer(events::task_id task) {
    return refuse(
        refusal_code::no_active_timer,
        "you have no running timer on this task",
        "task",
        to_string(task)
    );
}

/// The actor's running time log on a task. Only its stream need be in the view.
std::expected<const time_log_state*, refusal> running_log(
    events::task_id task, const view& view, const context& context
) {
    const auto* const timer = view.organization().timer(task, context.actor);
    if (timer == nullptr) {
        return std::unexpected(no_active_timer(task));
    }
    const auto* const log = view.find<time_log_state>(stream_of(timer->time_log_id));
    if (log == nullptr || !log->running()) {
        return std::unexpected(no_active_timer(task));
    }
    return log;
}

/// The stream of the actor's timer on a task; without one that of the task, which stands for it.
std::vector<std::string> timer_stream(
    events::task_id task, const directory& directory, const context& context
) {
    const auto* const timer = directory.timer(task, context.actor);
    return {timer != nullptr ? stream_of(timer->time_log_id) : stream_of(task)};
}

}  // namespace

std::vector<std::string> streams(
    const start_timer& command, const directory& directory, const context& context
) {
    std::vector<std::string> names{
        stream_of(context.make_id<events::time_log_id>(0)), stream_of(command.task_id)
    };
    for (const auto& timer : timers_to_stop(command, directory, context)) {
        names.push_back(stream_of(timer.time_log_id));
    }
    return names;
}

decision decide(const start_timer& command, const view& view, const context& context) {
    const auto task = workable_task(command.task_id, view);
    if (!task) {
        return std::unexpected(task.error());
    }
    const auto& directory = view.organization();
    if (const auto* const running = directory.timer(command.task_id, context.actor)) {
        return std::unexpected(refuse(
            refusal_code::timer_already_running,
            "your timer is already running on this task",
            "time_log",
            to_string(running->time_log_id)
        ));
    }
    pending_events all;
    for (const auto& timer : timers_to_stop(command, directory, context)) {
        const auto* const log = view.find<time_log_state>(stream_of(timer.time_log_id));
        if (log != nullptr && log->running()) {
            emit_into(all, stopped(*log, context));
        }
    }
    emit_into(
        all,
        events::timer_started{
            context.make_id<events::time_log_id>(0),
            command.task_id,
            (*task)->project_id,
            context.actor,
            context.now,
            command.sealed_description,
            clean_category(command.category),
            command.is_billable.value
        }
    );
    return all;
}

started_timer reply(const start_timer& command, const view& view, const context& context) {
    const auto id = context.make_id<events::time_log_id>(0);
    const auto& log = std::get<time_log_state>(view.at(stream_of(id)).state);
    const auto& task = std::get<task_state>(view.at(stream_of(command.task_id)).state);
    return {
        "Timer started",
        id,
        task.id,
        task.title,
        log.user_id,
        log.start_time,
        log.description,
        log.category,
        log.is_billable
    };
}

std::vector<std::string> streams(
    const stop_timer& command, const directory& directory, const context& context
) {
    return timer_stream(command.task_id, directory, context);
}

decision decide(const stop_timer& command, const view& view, const context& context) {
    const auto log = running_log(command.task_id, view, context);
    if (!log) {
        return std::unexpected(log.error());
    }
    return emit(stopped(**log, context));
}

stopped_timer reply(const stop_timer&, const view& view, const context&) {
    const auto& log = std::get<time_log_state>(view.at(view.resource()).state);
    const auto seconds = log.duration_seconds.value_or(0);
    return {
        "Timer stopped",
        log.id,
        log.start_time,
        log.end_time.value_or(log.start_time),
        seconds,
        to_hours(seconds),
        log.is_billable
    };
}

std::vector<std::string> streams(
    const discard_timer& command, const directory& directory, const context& context
) {
    return timer_stream(command.task_id, directory, context);
}

decision decide(const discard_timer& command, const view& view, const context& context) {
    const auto log = running_log(command.task_id, view, context);
    if (!log) {
        return std::unexpected(log.error());
    }
    return emit(discarded(**log));
}

no_content reply(const discard_timer&, const view&, const context&) {
    return {};
}

std::vector<std::string> streams(const flag_timer& command, const directory&, const context&) {
    return {stream_of(command.time_log_id)};
}

decision decide(const flag_timer& command, const view& view, const context& context) {
    if (!context.is_system()) {
        return std::unexpected(refuse(refusal_code::forbidden, "only the system flags timers"));
    }
    constexpr std::chrono::hours forgotten_after{24};
    const auto* const log = view.find<time_log_state>(stream_of(command.time_log_id));
    if (log == nullptr || !log->running() || log->flagged ||
        context.now - log->start_time < forgotten_after) {
        return pending_events{};
    }
    return emit(
        events::timer_flagged{log->id, log->task_id, log->project_id, log->user_id, log->start_time}
    );
}

no_content reply(const flag_timer&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
