#include "commands/time_log.hpp"
#include "commands/trimmed.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/time_log.hpp"

namespace teamflow::gateway {

namespace {

/// Descriptions are sealed under the key of whoever writes them; a blank one is none.
task<std::optional<events::personal>> seal(call& under_way, std::string text) {
    if (commands::trimmed(text).empty()) {
        co_return std::nullopt;
    }
    const events::user_id author = under_way.who.user;
    std::vector<events::user_id> authors(1, author);
    co_await under_way.with.keys.load(std::move(authors));
    co_return under_way.with.keys.seal(author, text);
}

/// For commands that make a log.
template <class Command>
task<std::optional<problem>> seal_description(call& under_way, Command& command) {
    if (command.description) {
        command.sealed_description = co_await seal(under_way, command.description->value);
    }
    co_return std::nullopt;
}

task<std::optional<problem>> seal_edited(call& under_way, commands::edit_time_log& command) {
    using change = events::json::patch<events::personal>;
    if (command.description.keeps()) {
        co_return std::nullopt;
    }
    command.sealed_description.what = change::action::clear;
    if (command.description.replaces()) {
        auto sealed = co_await seal(under_way, command.description.value.value);
        if (sealed) {
            command.sealed_description = {change::action::replace, *std::move(sealed)};
        }
    }
    co_return std::nullopt;
}

struct task_time_logs : queries::page_bounds {
    events::task_id task_id;
    std::vector<commands::time_log_resource> time_logs;
    std::int64_t total_time_seconds = 0;
    std::int64_t billable_time_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(
    task_time_logs,
    (queries::page_bounds),
    (task_id, time_logs, total_time_seconds, billable_time_seconds)
)

struct time_log_list : queries::page_bounds {
    std::vector<queries::time_log_entry> time_logs;
};
BOOST_DESCRIBE_STRUCT(time_log_list, (queries::page_bounds), (time_logs))

struct timer_list : queries::page_bounds {
    std::vector<queries::running_timer> timers;
};
BOOST_DESCRIBE_STRUCT(timer_list, (queries::page_bounds), (timers))

task<query_result<task_time_logs>> list_time_logs_of_task(
    call& under_way, queries::page_request asked
) {
    const auto id = under_way.id<events::task_id>("id");
    const auto organization = under_way.who.organization;
    auto& database = under_way.with.database;
    const auto now = under_way.with.clock.now();
    const auto totals = co_await queries::time_totals_of_task(database, organization, id, now);
    if (!totals) {
        co_return std::unexpected(not_found("task", to_string(id)));
    }
    auto found = co_await queries::time_logs_of_task(database, organization, id, asked);
    if (!found) {
        co_return std::unexpected(bad_parameters(std::move(found.error())));
    }
    co_return just(task_time_logs{
        std::move(found->bounds),
        id,
        std::move(found->rows),
        totals->total_time_seconds,
        totals->billable_time_seconds
    });
}

task<query_result<time_log_list>> list_time_logs(call& under_way, queries::time_log_filter asked) {
    auto found =
        co_await queries::time_logs(under_way.with.database, under_way.who.organization, asked);
    co_return list_answer<time_log_list>(std::move(found));
}

task<query_result<queries::time_log_entry>> show_time_log(call& under_way, no_body) {
    const auto id = under_way.id<events::time_log_id>("id");
    auto found =
        co_await queries::find_time_log(under_way.with.database, under_way.who.organization, id);
    if (!found) {
        co_return std::unexpected(not_found("time_log", to_string(id)));
    }
    const auto version = found->version;
    co_return gateway::found<queries::time_log_entry>{*std::move(found), version};
}

task<query_result<timer_list>> list_timers(call& under_way, queries::timer_filter asked) {
    auto found = co_await queries::timers(
        under_way.with.database, under_way.who.organization, asked, under_way.with.clock.now()
    );
    co_return list_answer<timer_list>(std::move(found));
}

routes time_queries() {
    return {
        query<queries::page_request, task_time_logs>(
            "/tasks/{id}/time-logs",
            access::viewer,
            "List the time logs of a task with their totals",
            {{"tasks", "time_logs"}},
            list_time_logs_of_task
        ),
        query<queries::time_log_filter, time_log_list>(
            "/time-logs", access::viewer, "List time logs", {{"time_logs"}}, list_time_logs
        ),
        query<no_body, queries::time_log_entry>(
            "/time-logs/{id}",
            access::viewer,
            "Show a time log",
            {.projections = {"time_logs"}, .has_version = true},
            show_time_log
        ),
        query<queries::timer_filter, timer_list>(
            "/timers", access::viewer, "List running timers", {{"timers", "tasks"}}, list_timers
        ),
    };
}

routes time_commands() {
    using namespace commands;
    const path_members of_task{{"id", "task_id"}};
    const path_members by_id{{"id", "time_log_id"}};
    return {
        command<start_timer>(
            method::post,
            "/tasks/{id}/time/start",
            "Start the own timer on a task",
            {.status = 201,
             .location = "/time-logs",
             .errors = {"timer_already_running", "task_closed"}},
            of_task,
            seal_description<start_timer>
        ),
        command<stop_timer>(
            method::post,
            "/tasks/{id}/time/stop",
            "Stop the own timer on a task",
            {.errors = {"no_active_timer"}},
            of_task
        ),
        command<discard_timer>(
            method::post,
            "/tasks/{id}/time/discard",
            "Discard the own timer on a task",
            {.errors = {"no_active_timer"}},
            of_task
        ),
        command<add_time_log>(
            method::post,
            "/tasks/{id}/time-logs",
            "Add a time log",
            {.status = 201, .location = "/time-logs", .errors = {"task_closed"}},
            of_task,
            seal_description<add_time_log>
        ),
        command<edit_time_log>(
            method::patch,
            "/time-logs/{id}",
            "Edit a time log",
            {.errors = {"timer_running"}},
            by_id,
            seal_edited
        ),
        command<delete_time_log>(
            method::del, "/time-logs/{id}", "Delete a time log", {}, by_id
        ),
    };
}

}  // namespace

routes time_routes() {
    auto table = time_commands();
    for (auto& row : time_queries()) {
        table.push_back(std::move(row));
    }
    return table;
}

}  // namespace teamflow::gateway
