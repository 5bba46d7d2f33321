#include "commands/organization.hpp"

#include "commands/patching.hpp"

namespace teamflow::commands {

namespace {

/// The setting as asked for outside of `settings`, else inside.
template <class T>
const events::json::replace<T>& asked(
    const events::json::replace<T>& outer,
    const edit_organization& command,
    events::json::replace<T> settings_patch::* inner
) {
    return !outer.value && command.settings.value ? (*command.settings.value).*inner : outer;
}

}  // namespace

organization_resource organization_in(const view& view, events::organization_id id) {
    const auto stream = stream_of(id);
    const auto& folded = view.at(stream);
    const auto& state = std::get<organization_state>(folded.state);
    return {
        state.id, state.name, state.settings, folded.created_at, folded.updated_at, folded.version
    };
}

std::vector<std::string>
streams(const create_organization& command, const directory&, const context&) {
    return {stream_of(command.organization_id), events::member_stream(command.owner_id)};
}

decision decide(const create_organization& command, const view& view, const context& context) {
    if (view.find<organization_state>(stream_of(command.organization_id)) != nullptr) {
        return {};
    }
    return emit(
        events::organization_created{command.organization_id, command.name.value, command.owner_id},
        events::member_added{
            command.organization_id, command.owner_id, role::owner, context.now, std::nullopt
        }
    );
}

organization_resource reply(const create_organization& command, const view& view, const context&) {
    return organization_in(view, command.organization_id);
}

std::vector<std::string>
streams(const edit_organization& command, const directory&, const context&) {
    return {stream_of(command.organization_id)};
}

decision decide(const edit_organization& command, const view& view, const context& context) {
    const auto* const state = view.find<organization_state>(stream_of(command.organization_id));
    if (state == nullptr || command.organization_id != context.organization) {
        return std::unexpected(not_found("organization", command.organization_id));
    }
    using patch = settings_patch;
    const auto& single = asked(command.single_running_timer, command, &patch::single_running_timer);
    const auto& zone = asked(command.time_zone, command, &patch::time_zone);
    const auto& most =
        asked(command.max_concurrent_generations, command, &patch::max_concurrent_generations);
    const auto& now = state->settings;
    const events::organization_settings_changed event{
        command.organization_id,
        changed(state->name, command.name).value,
        changed(now.single_running_timer, single).value,
        changed(now.time_zone, zone).value,
        changed(now.max_concurrent_generations, most).value
    };
    if (!event.name && !event.single_running_timer && !event.time_zone &&
        !event.max_concurrent_generations) {
        return {};
    }
    return emit(event);
}

organization_resource reply(const edit_organization& command, const view& view, const context&) {
    return organization_in(view, command.organization_id);
}

}  // namespace teamflow::commands
