#include "commands/template.hpp"

#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/template.hpp"

namespace teamflow::gateway {

namespace {

struct template_list : queries::page_bounds {
    std::vector<commands::template_resource> templates;
};
BOOST_DESCRIBE_STRUCT(template_list, (queries::page_bounds), (templates))

task<query_result<template_list>> list_templates(call& under_way, queries::template_filter asked) {
    auto found =
        co_await queries::templates(under_way.with.database, under_way.who.organization, asked);
    co_return list_answer<template_list>(std::move(found));
}

task<query_result<commands::template_resource>> show_template(call& under_way, no_body) {
    const auto id = under_way.id<events::template_id>("id");
    auto found =
        co_await queries::find_template(under_way.with.database, under_way.who.organization, id);
    if (!found) {
        co_return std::unexpected(not_found("template", to_string(id)));
    }
    co_return gateway::found<commands::template_resource>{
        std::move(found->resource), found->version
    };
}

}  // namespace

routes template_routes() {
    using namespace commands;
    const path_members by_id{{"id", "template_id"}};
    return {
        command<create_template>(
            method::post,
            "/templates",
            "Create a template for tasks",
            {.status = 201, .location = "/templates"}
        ),
        command<edit_template>(
            method::patch, "/templates/{id}", "Edit, deactivate or reactivate a template", {}, by_id
        ),
        command<deactivate_template>(
            method::del, "/templates/{id}", "Deactivate a template", {}, by_id
        ),
        command<apply_template>(
            method::post,
            "/templates/{id}/apply",
            "Make a task from a template",
            {.status = 201, .location = "/tasks", .errors = {"template_inactive", "task_closed"}},
            by_id
        ),
        command<preview_template>(
            method::post,
            "/templates/{id}/preview",
            "Show the task that a template would make",
            {.errors = {"template_inactive", "task_closed"}},
            by_id
        ),
        query<queries::template_filter, template_list>(
            "/templates", access::viewer, "List templates", {{"templates"}}, list_templates
        ),
        query<no_body, commands::template_resource>(
            "/templates/{id}",
            access::viewer,
            "Show a template",
            {.projections = {"templates"}, .has_version = true},
            show_template
        ),
    };
}

}  // namespace teamflow::gateway
