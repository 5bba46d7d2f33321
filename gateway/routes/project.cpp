#include "commands/project.hpp"

#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/project.hpp"
#include "query/task.hpp"

namespace teamflow::gateway {

namespace {

struct project_list : queries::page_bounds {
    std::vector<commands::project_resource> projects;
};
BOOST_DESCRIBE_STRUCT(project_list, (queries::page_bounds), (projects))

problem no_project(const call& under_way) {
    return not_found("project", to_string(under_way.id<events::project_id>("id")));
}

task<query_result<project_list>> list_projects(call& under_way, queries::project_filter asked) {
    auto found =
        co_await queries::projects(under_way.with.database, under_way.who.organization, asked);
    co_return list_answer<project_list>(std::move(found));
}

task<query_result<commands::project_resource>> show_project(call& under_way, no_body) {
    const auto id = under_way.id<events::project_id>("id");
    auto found =
        co_await queries::find_project(under_way.with.database, under_way.who.organization, id);
    if (!found) {
        co_return std::unexpected(no_project(under_way));
    }
    const auto version = found->version;
    co_return gateway::found<commands::project_resource>{*std::move(found), version};
}

task<query_result<queries::board>> show_board(call& under_way, no_body) {
    const auto id = under_way.id<events::project_id>("id");
    auto found = co_await queries::find_board(
        under_way.with.database, under_way.who.organization, id, under_way.with.clock.now()
    );
    if (!found) {
        co_return std::unexpected(no_project(under_way));
    }
    co_return just(*std::move(found));
}

}  // namespace

routes project_routes() {
    using namespace commands;
    const path_members by_id{{"id", "project_id"}};
    return {
        command<create_project>(
            method::post,
            "/projects",
            "Create a project",
            {.status = 201, .location = "/projects", .errors = {"project_key_taken"}}
        ),
        command<edit_project>(
            method::patch,
            "/projects/{id}",
            "Edit or archive a project",
            {.errors = {"project_key_taken"}},
            by_id
        ),
        command<delete_project>(
            method::del,
            "/projects/{id}",
            "Delete a project without open tasks",
            {.errors = {"project_not_empty"}},
            by_id
        ),
        query<queries::project_filter, project_list>(
            "/projects", access::viewer, "List projects", {{"projects"}}, list_projects
        ),
        query<no_body, commands::project_resource>(
            "/projects/{id}",
            access::viewer,
            "Show a project",
            {.projections = {"projects"}, .has_version = true},
            show_project
        ),
        query<no_body, queries::board>(
            "/projects/{id}/board",
            access::viewer,
            "Show a project's board, up to 200 tasks a column",
            {{"projects", "tasks"}},
            show_board
        ),
    };
}

}  // namespace teamflow::gateway
