// What becomes of a template: a task, or the preview of one.

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "commands/placeholders.hpp"
#include "commands/task_rules.hpp"
#include "commands/template.hpp"

namespace teamflow::commands {

namespace {

/// A template that can be applied, with its texts filled in.
struct filled_template {
    const template_state* source = nullptr;
    expanded_template texts;
    std::optional<events::user_id> assignee_id;
};

/// For apply_template and preview_template alike.
template <class Command>
std::expected<filled_template, refusal> fill(const Command& command, const view& view) {
    const auto* const source = view.find<template_state>(stream_of(command.template_id));
    if (source == nullptr) {
        return std::unexpected(not_found("template", command.template_id));
    }
    if (!source->is_active) {
        return std::unexpected(refuse(
            refusal_code::template_inactive,
            "the template was deactivated",
            "template",
            to_string(command.template_id)
        ));
    }
    if (auto closed = check_open_project(command.project_id, view.organization())) {
        return std::unexpected(*std::move(closed));
    }
    const auto& data = source->template_data;
    auto texts = expand(data, command.template_variables.value_or(template_variables{}));
    if (!texts) {
        return std::unexpected(invalid(std::move(texts).error()));
    }
    return filled_template{
        source, *std::move(texts), assignee_of(data.assignee_criteria, view.organization())
    };
}

std::string message_about(
    std::string done,
    const events::template_data& data,
    const std::optional<events::user_id>& assignee_id
) {
    if (data.assignee_criteria && !assignee_id) {
        done += "; nobody active has the role ";
        done += events::json::enum_name(data.assignee_criteria->role);
        done += ", so the task is unassigned";
    }
    return done;
}

std::vector<events::checklist_item> new_checklist(
    const std::vector<std::string>& texts, const context& context
) {
    std::vector<events::checklist_item> items;
    items.reserve(texts.size());
    for (const auto& text : texts) {
        // Number 0 is the task.
        items.push_back({context.make_id<events::checklist_item_id>(items.size() + 1), text, false}
        );
    }
    return items;
}

}  // namespace

std::optional<events::user_id> assignee_of(
    const std::optional<events::assignee_criteria>& criteria, const directory& directory
) {
    using candidate = std::tuple<std::int64_t, events::timestamp, events::user_id>;
    std::optional<candidate> best;
    for (const auto& [id, member] : directory.members()) {
        if (criteria && member.active && member.role == criteria->role) {
            const candidate each{member.open_tasks, member.joined_at, id};
            best = best ? std::min(*best, each) : each;
        }
    }
    return best ? std::optional(std::get<events::user_id>(*best)) : std::nullopt;
}

std::vector<std::string> streams(
    const apply_template& command, const directory&, const context& context
) {
    return {
        stream_of(context.make_id<events::task_id>(0)),
        stream_of(command.template_id),
        events::template_usage_stream(command.template_id)
    };
}

decision decide(const apply_template& command, const view& view, const context& context) {
    auto filled = fill(command, view);
    if (!filled) {
        return std::unexpected(std::move(filled).error());
    }
    const auto& data = filled->source->template_data;
    const auto id = context.make_id<events::task_id>(0);
    return emit(
        events::task_created{
            .task_id = id,
            .project_id = command.project_id,
            .title = std::move(filled->texts.title),
            .description = std::move(filled->texts.description),
            .status = events::task_status::todo,
            .priority = data.priority.value_or(events::task_priority::medium),
            .assignee_id = filled->assignee_id,
            .tags = data.tags,
            .due_date = std::nullopt,
            .checklist = new_checklist(filled->texts.checklist, context),
            .estimated_hours = data.estimated_hours,
            .parent_task_id = std::nullopt,
            .rank = rank_at_end(context, 0),
            .template_id = command.template_id
        },
        events::template_applied{command.template_id, id, command.project_id}
    );
}

applied_template reply(const apply_template& command, const view& view, const context& context) {
    const auto id = context.make_id<events::task_id>(0);
    const auto& source = std::get<template_state>(view.at(stream_of(command.template_id)).state);
    auto task = task_resource_of(id, view);
    return {
        message_about("Template applied", source.template_data, task.assignee_id),
        id,
        task.title,
        source.name,
        std::move(task)
    };
}

std::vector<std::string>
streams(const preview_template& command, const directory&, const context&) {
    return {stream_of(command.template_id)};
}

decision decide(const preview_template& command, const view& view, const context&) {
    const auto filled = fill(command, view);
    return filled ? decision() : std::unexpected(filled.error());
}

previewed_template reply(const preview_template& command, const view& view, const context&) {
    auto filled = fill(command, view).value();
    const auto& data = filled.source->template_data;
    std::vector<previewed_item> checklist;
    checklist.reserve(filled.texts.checklist.size());
    for (auto& text : filled.texts.checklist) {
        checklist.push_back({std::move(text), false});
    }
    return {
        message_about("Nothing was created", data, filled.assignee_id),
        filled.texts.title,
        filled.source->name,
        {command.project_id,
         filled.texts.title,
         std::move(filled.texts.description),
         events::task_status::todo,
         data.priority.value_or(events::task_priority::medium),
         filled.assignee_id,
         data.tags,
         std::move(checklist),
         data.estimated_hours}
    };
}

}  // namespace teamflow::commands
