#include "commands/identity.hpp"

#include "commands/patching.hpp"

namespace teamflow::commands {

namespace {

/// The account, if it is there and the actor may change it: nobody but its user may.
std::expected<const user_state*, refusal> own_account(
    events::user_id id, const view& view, const context& context
) {
    const auto* const state = view.find<user_state>(stream_of(id));
    if (state == nullptr || state->erased || (!context.is_system() && context.actor != id)) {
        return std::unexpected(not_found("user", id));
    }
    return state;
}

user_resource resource_of(events::user_id id, const view& view) {
    const auto stream = stream_of(id);
    const auto& folded = view.at(stream);
    const auto& state = std::get<user_state>(folded.state);
    return {
        state.id, state.email, state.name, folded.created_at, folded.updated_at, folded.version
    };
}

}  // namespace

std::vector<std::string> streams(const register_user& command, const directory&, const context&) {
    return {stream_of(command.user_id), events::email_stream(command.email_hmac)};
}

decision decide(const register_user& command, const view& view, const context&) {
    const auto* const account = view.find<user_state>(stream_of(command.user_id));
    if (account != nullptr && account->erased) {
        return std::unexpected(not_found("user", command.user_id));
    }
    const auto* const reserved = view.find<email_state>(events::email_stream(command.email_hmac));
    if (reserved != nullptr && reserved->owner) {
        if (*reserved->owner == command.user_id) {
            return {};
        }
        return std::unexpected(
            refuse(refusal_code::email_taken, "this e-mail address belongs to an account already")
        );
    }
    const std::optional organization(command.organization_id);
    return emit(
        events::user_registered{
            command.user_id,
            command.email,
            command.email_hmac,
            command.name,
            command.organization_name ? organization : std::nullopt,
            command.organization_name,
            command.invitation_id ? organization : std::nullopt,
            command.invitation_id
        },
        events::email_reserved{command.email_hmac, command.user_id}
    );
}

user_resource reply(const register_user& command, const view& view, const context&) {
    return resource_of(command.user_id, view);
}

std::vector<std::string> streams(const change_profile& command, const directory&, const context&) {
    return {stream_of(command.user_id)};
}

decision decide(const change_profile& command, const view& view, const context& context) {
    const auto account = own_account(command.user_id, view, context);
    if (!account) {
        return std::unexpected(account.error());
    }
    const auto name = changed((*account)->name, command.name);
    if (!name.value) {
        return {};
    }
    return emit(events::profile_changed{command.user_id, *name.value});
}

user_resource reply(const change_profile& command, const view& view, const context&) {
    return resource_of(command.user_id, view);
}

std::vector<std::string>
streams(const record_password_change& command, const directory&, const context&) {
    return {stream_of(command.user_id)};
}

decision decide(const record_password_change& command, const view& view, const context& context) {
    const auto account = own_account(command.user_id, view, context);
    if (!account) {
        return std::unexpected(account.error());
    }
    return emit(events::password_changed{command.user_id});
}

no_content reply(const record_password_change&, const view&, const context&) {
    return {};
}

std::vector<std::string> streams(const erase_user& command, const directory&, const context&) {
    return {stream_of(command.user_id), events::email_stream(command.email_hmac)};
}

decision decide(const erase_user& command, const view& view, const context&) {
    const auto* const account = view.find<user_state>(stream_of(command.user_id));
    if (account == nullptr) {
        return std::unexpected(not_found("user", command.user_id));
    }
    if (account->erased) {
        return {};
    }
    auto all = emit(events::user_erased{command.user_id, command.invitations});
    const auto* const reserved = view.find<email_state>(events::email_stream(command.email_hmac));
    if (reserved != nullptr && reserved->owner == command.user_id) {
        emit_into(all, events::email_released{command.email_hmac, command.user_id});
    }
    return all;
}

no_content reply(const erase_user&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
