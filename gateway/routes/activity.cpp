#include "query/activity.hpp"

#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/project.hpp"

namespace teamflow::gateway {

namespace {

struct activity_list : queries::page_bounds {
    std::vector<queries::event_view> activities;
};
BOOST_DESCRIBE_STRUCT(activity_list, (queries::page_bounds), (activities))

task<query_result<activity_list>> list_activity_of_task(
    call& under_way, queries::page_request asked
) {
    const auto id = under_way.id<events::task_id>("id");
    const auto organization = under_way.who.organization;
    auto& database = under_way.with.database;
    const bool exists = co_await queries::task_exists(database, organization, id);
    if (!exists) {
        co_return std::unexpected(not_found("task", to_string(id)));
    }
    auto found = co_await queries::activity_of_task(database, organization, id, asked);
    co_return list_answer<activity_list>(std::move(found));
}

task<query_result<activity_list>> list_activity_of_project(
    call& under_way, queries::page_request asked
) {
    const auto id = under_way.id<events::project_id>("id");
    const auto organization = under_way.who.organization;
    auto& database = under_way.with.database;
    const auto project = co_await queries::find_project(database, organization, id);
    if (!project) {
        co_return std::unexpected(not_found("project", to_string(id)));
    }
    auto found = co_await queries::activity_of_project(database, organization, id, asked);
    co_return list_answer<activity_list>(std::move(found));
}

task<query_result<activity_list>> list_activity_of_organization(
    call& under_way, queries::page_request asked
) {
    const auto id = under_way.id<events::organization_id>("id");
    if (id != under_way.who.organization) {
        co_return std::unexpected(not_found("organization", to_string(id)));
    }
    auto found = co_await queries::activity_of_organization(
        under_way.with.database, id, under_way.who.role, asked
    );
    co_return list_answer<activity_list>(std::move(found));
}

}  // namespace

routes activity_routes() {
    return {
        query<queries::page_request, activity_list>(
            "/tasks/{id}/activity",
            access::viewer,
            "List what happened to a task, newest first",
            {.projections = {"activity", "tasks"}, .reads_archive = true},
            list_activity_of_task
        ),
        query<queries::page_request, activity_list>(
            "/projects/{id}/activity",
            access::viewer,
            "List what happened in a project, newest first",
            {.projections = {"activity", "projects"}, .reads_archive = true},
            list_activity_of_project
        ),
        query<queries::page_request, activity_list>(
            "/organizations/{id}/activity",
            access::viewer,
            "List what happened in the organization, newest first",
            {.projections = {}, .reads_archive = true},
            list_activity_of_organization
        ),
    };
}

}  // namespace teamflow::gateway
