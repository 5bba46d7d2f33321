#include "commands/project.hpp"

#include <utility>

#include "commands/patching.hpp"

namespace teamflow::commands {

namespace {

refusal key_taken(const std::string& key, events::project_id by) {
    return refuse(
        refusal_code::project_key_taken,
        "another project has the key " + key,
        "project",
        to_string(by)
    );
}

/// The project, if it is there and not deleted.
std::expected<const project_state*, refusal> present(events::project_id id, const view& view) {
    const auto* const state = view.find<project_state>(stream_of(id));
    if (state == nullptr || state->deleted) {
        return std::unexpected(not_found("project", id));
    }
    return state;
}

project_resource resource_of(events::project_id id, const view& view) {
    const auto stream = stream_of(id);
    const auto& folded = view.at(stream);
    const auto& state = std::get<project_state>(folded.state);
    return {
        id,
        state.name,
        state.key,
        state.description,
        state.colour,
        state.archived,
        user_or_null(folded.created_by),
        folded.created_at,
        folded.updated_at,
        folded.version
    };
}

template <class T>
std::optional<std::string> text_of(const std::optional<T>& limited) {
    return limited ? std::optional(limited->value) : std::nullopt;
}

}  // namespace

std::vector<std::string> streams(const create_project&, const directory&, const context& context) {
    return {stream_of(context.make_id<events::project_id>(0))};
}

decision decide(const create_project& command, const view& view, const context& context) {
    const auto& directory = view.organization();
    const std::string key =
        command.key ? command.key->value : make_project_key(command.name.value, directory);
    if (const auto other = directory.project_by_key(key)) {
        return std::unexpected(key_taken(key, *other));
    }
    return emit(events::project_created{
        context.make_id<events::project_id>(0),
        command.name.value,
        key,
        text_of(command.description),
        text_of(command.colour)
    });
}

project_resource reply(const create_project&, const view& view, const context& context) {
    return resource_of(context.make_id<events::project_id>(0), view);
}

std::vector<std::string> streams(const edit_project& command, const directory&, const context&) {
    return {stream_of(command.project_id)};
}

decision decide(const edit_project& command, const view& view, const context&) {
    const auto project = present(command.project_id, view);
    if (!project) {
        return std::unexpected(project.error());
    }
    const auto& state = **project;
    const events::project_edited edited{
        command.project_id,
        changed(state.name, command.name),
        changed(state.key, command.key),
        changed(state.description, command.description),
        changed(state.colour, command.colour)
    };
    if (edited.key.value) {
        if (const auto other = view.organization().project_by_key(*edited.key.value)) {
            return std::unexpected(key_taken(*edited.key.value, *other));
        }
    }
    pending_events all;
    if (changes_anything(edited.name, edited.key, edited.description, edited.colour)) {
        all = emit(edited);
    }
    const bool archived = command.archived.value.value_or(state.archived);
    if (archived && !state.archived) {
        emit_into(all, events::project_archived{command.project_id});
    } else if (!archived && state.archived) {
        emit_into(all, events::project_restored{command.project_id});
    }
    return all;
}

project_resource reply(const edit_project& command, const view& view, const context&) {
    return resource_of(command.project_id, view);
}

std::vector<std::string>
streams(const delete_project& command, const directory& directory, const context&) {
    std::vector<std::string> names{stream_of(command.project_id)};
    for (const auto& timer : directory.timers_of(command.project_id)) {
        names.push_back(stream_of(timer.time_log_id));
    }
    return names;
}

decision decide(const delete_project& command, const view& view, const context&) {
    const auto project = present(command.project_id, view);
    if (!project) {
        return std::unexpected(project.error());
    }
    const auto& directory = view.organization();
    const auto* const entry = directory.project(command.project_id);
    if (entry != nullptr && entry->open_tasks > 0) {
        return std::unexpected(refuse(
            refusal_code::project_not_empty,
            "the project has " + std::to_string(entry->open_tasks) + " open tasks",
            "project",
            to_string(command.project_id)
        ));
    }
    pending_events all;
    for (const auto& timer : directory.timers_of(command.project_id)) {
        emit_into(all, discarded(timer));
    }
    emit_into(all, events::project_deleted{command.project_id});
    return all;
}

no_content reply(const delete_project&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
