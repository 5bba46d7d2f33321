#include "commands/task.hpp"

#include "events/json/parse.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/task.hpp"

namespace teamflow::gateway {

namespace {

/// The reply of a command, read back from what it wrote.
template <class Reply>
Reply read_reply(const std::string& body) {
    const auto value = events::json::parse(body);
    if (!value) {
        throw std::logic_error("a command's reply is no JSON: " + value.error().message);
    }
    auto read = events::json::read<Reply>(*value);
    if (!read) {
        throw std::logic_error("a command's reply is not of its own type");
    }
    return *std::move(read);
}

task<> fill_in(call& under_way, std::vector<commands::task_resource>& tasks) {
    const auto now = under_way.with.clock.now();
    co_await queries::fill_in_time(under_way.with.database, under_way.who.organization, tasks, now);
}

task<std::string> with_time(call& under_way, std::string body) {
    std::vector<commands::task_resource> tasks(1, read_reply<commands::task_resource>(body));
    co_await fill_in(under_way, tasks);
    co_return events::json::to_json(tasks.front());
}

task<std::string> with_times(call& under_way, std::string body) {
    auto changed = read_reply<commands::changed_tasks>(body);
    co_await fill_in(under_way, changed.tasks);
    co_return events::json::to_json(changed);
}

/// A place next to one named task needs to know what stands on its other side.
task<std::optional<problem>> look_beside(call& under_way, commands::move_task& command) {
    if (command.after_id.has_value() == command.before_id.has_value()) {
        co_return std::nullopt;
    }
    const bool is_before = command.before_id.has_value();
    const auto neighbour = is_before ? *command.before_id : *command.after_id;
    command.neighbour_rank = co_await queries::rank_beside(
        under_way.with.database, under_way.who.organization, neighbour, command.task_id, is_before
    );
    co_return std::nullopt;
}

struct task_list : queries::page_bounds {
    std::vector<commands::task_resource> tasks;
};
BOOST_DESCRIBE_STRUCT(task_list, (queries::page_bounds), (tasks))

task<query_result<task_list>> list_tasks(call& under_way, queries::task_filter asked) {
    auto found = co_await queries::tasks(
        under_way.with.database, under_way.who.organization, asked, under_way.with.clock.now()
    );
    co_return list_answer<task_list>(std::move(found));
}

task<query_result<commands::task_resource>> show_task(call& under_way, no_body) {
    const auto id = under_way.id<events::task_id>("id");
    auto found = co_await queries::find_task(
        under_way.with.database, under_way.who.organization, id, under_way.with.clock.now()
    );
    if (!found) {
        co_return std::unexpected(not_found("task", to_string(id)));
    }
    const auto version = found->version;
    co_return gateway::found<commands::task_resource>{*std::move(found), version};
}

}  // namespace

routes task_routes() {
    using namespace commands;
    const path_members by_id{{"id", "task_id"}};
    return {
        command<create_task>(
            method::post,
            "/tasks",
            "Create a task",
            {.status = 201, .location = "/tasks", .errors = {"task_closed"}}
        ),
        command<edit_task>(
            method::patch, "/tasks/{id}", "Edit a task", {.complete = with_time}, by_id
        ),
        command<delete_task>(method::del, "/tasks/{id}", "Delete a task", {}, by_id),
        command<restore_task>(
            method::post,
            "/tasks/{id}/restore",
            "Bring a deleted task back",
            {.errors = {"task_closed"}, .complete = with_time},
            by_id
        ),
        command<move_task>(
            method::post,
            "/tasks/{id}/move",
            "Move a task on the board",
            {.complete = with_time},
            by_id,
            look_beside
        ),
        command<bulk_edit_tasks>(
            method::post, "/tasks/bulk", "Change several tasks", {.complete = with_times}
        ),
        query<queries::task_filter, task_list>(
            "/tasks", access::viewer, "List tasks", {{"tasks"}}, list_tasks
        ),
        query<no_body, commands::task_resource>(
            "/tasks/{id}",
            access::viewer,
            "Show a task",
            {.projections = {"tasks"}, .has_version = true},
            show_task
        ),
    };
}

}  // namespace teamflow::gateway
