#include "commands/template.hpp"

#include <utility>

#include "commands/patching.hpp"
#include "commands/placeholders.hpp"
#include "commands/task_rules.hpp"

namespace teamflow::commands {

namespace json = events::json;

namespace {

events::template_data plain_data(const template_data_body& body) {
    events::template_data data{
        .title_template = body.title_template.value,
        .description_template = plain_or_null(body.description_template),
        .estimated_hours = plain_or_null(body.estimated_hours),
        .priority = body.priority,
        .tags = clean_tags(body.tags.value_or(task_tags{})),
        .checklist = {},
        .assignee_criteria = body.assignee_criteria
    };
    if (body.checklist) {
        for (const auto& item : body.checklist->values) {
            data.checklist.push_back(item.value);
        }
    }
    return data;
}

std::expected<const template_state*, refusal> present(events::template_id id, const view& view) {
    const auto* const state = view.find<template_state>(stream_of(id));
    if (state == nullptr) {
        return std::unexpected(not_found("template", id));
    }
    return state;
}

template_resource resource_of(events::template_id id, const view& view) {
    const auto& folded = view.at(stream_of(id));
    const auto& state = std::get<template_state>(folded.state);
    const auto* const usage = view.find<template_usage_state>(events::template_usage_stream(id));
    return {
        state.id,
        state.name,
        state.description,
        state.category,
        usage != nullptr ? usage->usage_count : 0,
        user_or_null(folded.created_by),
        state.template_data,
        state.is_active
    };
}

std::vector<std::string> template_streams(events::template_id id) {
    return {stream_of(id), events::template_usage_stream(id)};
}

}  // namespace

std::vector<std::string> streams(const create_template&, const directory&, const context& context) {
    return template_streams(context.make_id<events::template_id>(0));
}

decision decide(const create_template& command, const view&, const context& context) {
    auto data = plain_data(command.template_data);
    if (auto problems = check_placeholders(data); !problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    return emit(events::template_created{
        context.make_id<events::template_id>(0),
        command.name.value,
        plain_or_null(command.description),
        plain_or_null(command.category),
        std::move(data)
    });
}

template_resource reply(const create_template&, const view& view, const context& context) {
    return resource_of(context.make_id<events::template_id>(0), view);
}

std::vector<std::string> streams(const edit_template& command, const directory&, const context&) {
    return template_streams(command.template_id);
}

decision decide(const edit_template& command, const view& view, const context&) {
    const auto found = present(command.template_id, view);
    if (!found) {
        return std::unexpected(found.error());
    }
    const template_state& state = **found;
    json::replace<events::template_data> data;
    if (command.template_data.value) {
        data.value = plain_data(*command.template_data.value);
        if (auto problems = check_placeholders(*data.value); !problems.empty()) {
            return std::unexpected(invalid(std::move(problems)));
        }
    }
    const events::template_edited edited{
        state.id,
        changed(state.name, command.name),
        changed(state.description, command.description),
        changed(state.category, command.category),
        changed(state.template_data, data)
    };
    pending_events all;
    if (changes_anything(edited.name, edited.description, edited.category, edited.template_data)) {
        emit_into(all, edited);
    }
    const bool active = command.is_active.value.value_or(state.is_active);
    if (active && !state.is_active) {
        emit_into(all, events::template_reactivated{state.id});
    } else if (!active && state.is_active) {
        emit_into(all, events::template_deactivated{state.id});
    }
    return all;
}

template_resource reply(const edit_template& command, const view& view, const context&) {
    return resource_of(command.template_id, view);
}

std::vector<std::string>
streams(const deactivate_template& command, const directory&, const context&) {
    return {stream_of(command.template_id)};
}

decision decide(const deactivate_template& command, const view& view, const context&) {
    const auto found = present(command.template_id, view);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (!(*found)->is_active) {
        return pending_events{};
    }
    return emit(events::template_deactivated{command.template_id});
}

no_content reply(const deactivate_template&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
