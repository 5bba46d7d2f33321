#pragma once
// Commands on task templates, and what clients see of them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "commands/placeholders.hpp"
#include "commands/task.hpp"
#include "commands/task_limits.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

struct template_resource {
    events::template_id id;
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> category;
    std::int64_t usage_count = 0;
    std::optional<events::user_id> created_by;
    events::template_data template_data;
    bool is_active = true;

    friend bool operator==(const template_resource&, const template_resource&) = default;
};
BOOST_DESCRIBE_STRUCT(
    template_resource,
    (),
    (id, name, description, category, usage_count, created_by, template_data, is_active)
)

/// events::template_data with its limits. Braces in the texts must pair (422 bad_placeholder).
struct template_data_body {
    events::json::text<1, 1000> title_template;
    std::optional<task_description> description_template;
    std::optional<hours_estimate> estimated_hours;
    std::optional<events::task_priority> priority;
    std::optional<task_tags> tags;
    std::optional<events::json::list<checklist_text, checklist_max>> checklist;
    std::optional<events::assignee_criteria> assignee_criteria;
};
BOOST_DESCRIBE_STRUCT(
    template_data_body,
    (),
    (title_template,
     description_template,
     estimated_hours,
     priority,
     tags,
     checklist,
     assignee_criteria)
)

using template_name = events::json::text<1, 200>;
using template_description = events::json::text<0, 2000>;
using template_category = events::json::text<1, 100>;

struct create_template {
    static constexpr role allowed = role::admin;

    template_name name;
    std::optional<template_description> description;
    std::optional<template_category> category;
    template_data_body template_data;
};
BOOST_DESCRIBE_STRUCT(create_template, (), (name, description, category, template_data))

std::vector<std::string> streams(const create_template&, const directory&, const context&);
decision decide(const create_template&, const view&, const context&);
template_resource reply(const create_template&, const view&, const context&);

/// template_data is replaced whole; is_active deactivates and reactivates.
struct edit_template {
    static constexpr role allowed = role::admin;

    events::template_id template_id;
    events::json::replace<template_name> name;
    events::json::patch<template_description> description;
    events::json::patch<template_category> category;
    events::json::replace<template_data_body> template_data;
    events::json::replace<bool> is_active;
};
BOOST_DESCRIBE_STRUCT(
    edit_template, (), (template_id, name, description, category, template_data, is_active)
)

std::vector<std::string> streams(const edit_template&, const directory&, const context&);
decision decide(const edit_template&, const view&, const context&);
template_resource reply(const edit_template&, const view&, const context&);

/// DELETE: the template stays readable, for what was made from it, but cannot be applied.
struct deactivate_template {
    static constexpr role allowed = role::admin;

    events::template_id template_id;
};
BOOST_DESCRIBE_STRUCT(deactivate_template, (), (template_id))

std::vector<std::string> streams(const deactivate_template&, const directory&, const context&);
decision decide(const deactivate_template&, const view&, const context&);
no_content reply(const deactivate_template&, const view&, const context&);

/// A task from a template, in one commit on the new task and on the template's usage. Checked in
/// this order: the template is there (404) and active (409 template_inactive), the project takes
/// new work, the variables fit (422). With assignee_criteria the task goes to the active member of
/// that role who has the fewest open tasks (then the longest membership, then the least id); if
/// nobody has the role, to nobody, and the message says so.
struct apply_template {
    static constexpr role allowed = role::member;

    events::template_id template_id;
    events::project_id project_id;
    std::optional<commands::template_variables> template_variables;
};
BOOST_DESCRIBE_STRUCT(apply_template, (), (template_id, project_id, template_variables))

struct applied_template {
    std::string message;
    events::task_id task_id;
    std::string title;
    std::string template_name;
    task_resource task;
};
BOOST_DESCRIBE_STRUCT(applied_template, (), (message, task_id, title, template_name, task))

std::vector<std::string> streams(const apply_template&, const directory&, const context&);
decision decide(const apply_template&, const view&, const context&);
applied_template reply(const apply_template&, const view&, const context&);

/// What apply_template would do now, with the same checks; never an event.
struct preview_template {
    static constexpr role allowed = role::member;

    events::template_id template_id;
    events::project_id project_id;
    std::optional<commands::template_variables> template_variables;
};
BOOST_DESCRIBE_STRUCT(preview_template, (), (template_id, project_id, template_variables))

struct previewed_item {
    std::string text;
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(previewed_item, (), (text, done))

/// A task that does not exist: what it would be made of.
struct previewed_task {
    events::project_id project_id;
    std::string title;
    std::optional<std::string> description;
    events::task_status status = events::task_status::todo;
    events::task_priority priority = events::task_priority::medium;
    std::optional<events::user_id> assignee_id;
    std::vector<std::string> tags;
    std::vector<previewed_item> checklist;
    std::optional<double> estimated_hours;
};
BOOST_DESCRIBE_STRUCT(
    previewed_task,
    (),
    (project_id, title, description, status, priority, assignee_id, tags, checklist, estimated_hours
    )
)

struct previewed_template {
    std::string message;
    std::string title;
    std::string template_name;
    previewed_task task;
};
BOOST_DESCRIBE_STRUCT(previewed_template, (), (message, title, template_name, task))

std::vector<std::string> streams(const preview_template&, const directory&, const context&);
decision decide(const preview_template&, const view&, const context&);
previewed_template reply(const preview_template&, const view&, const context&);

/// The member whom a task from a template goes to; see apply_template.
std::optional<events::user_id> assignee_of(
    const std::optional<events::assignee_criteria>& criteria, const directory& directory
);

}  // namespace teamflow::commands
