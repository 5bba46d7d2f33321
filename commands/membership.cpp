#include "commands/membership.hpp"

#include <utility>

#include "commands/access.hpp"
#include "commands/patching.hpp"

namespace teamflow::commands {

namespace {

/// Admins and owners are the owners' business alone.
bool takes_owner(role role) {
    return role >= events::role::admin;
}

member_resource member_in(const view& view, events::user_id id) {
    const auto stream = events::member_stream(id);
    const auto& folded = view.at(stream);
    const auto& state = std::get<member_state>(folded.state);
    return {
        id, std::nullopt, std::nullopt, state.role, state.active, state.joined_at, folded.version
    };
}

/// Whoever is no active member has no running timer either.
std::vector<std::string> member_and_timers(const directory& directory, events::user_id user) {
    std::vector<std::string> names{events::member_stream(user)};
    for (const auto& timer : directory.timers_of(user)) {
        names.push_back(stream_of(timer.time_log_id));
    }
    return names;
}

void discard_timers(pending_events& all, const directory& directory, events::user_id user) {
    for (const auto& timer : directory.timers_of(user)) {
        emit_into(all, discarded(timer));
    }
}

}  // namespace

std::vector<std::string>
streams(const change_member& command, const directory& directory, const context&) {
    return member_and_timers(directory, command.user_id);
}

decision decide(const change_member& command, const view& view, const context& context) {
    const auto* const state = view.find<member_state>(events::member_stream(command.user_id));
    if (state == nullptr) {
        return std::unexpected(not_found("user", command.user_id));
    }
    const auto role = command.role.value.value_or(state->role);
    const bool active = command.active.value.value_or(state->active);
    if (role == state->role && active == state->active) {
        return {};
    }
    const auto& directory = view.organization();
    if (takes_owner(role) || takes_owner(state->role)) {
        if (auto forbidden = check_access(directory, context, role::owner)) {
            return std::unexpected(*std::move(forbidden));
        }
    }
    const bool was_owner = state->active && state->role == role::owner;
    const bool stays_owner = active && role == role::owner;
    if (was_owner && !stays_owner && directory.active_owners() == 1) {
        return std::unexpected(refuse(
            refusal_code::last_owner,
            "the last owner of an organization stays one",
            "user",
            to_string(command.user_id)
        ));
    }
    auto all = emit(events::member_changed{
        context.organization, command.user_id, role, active, state->role, state->active
    });
    if (!active) {
        discard_timers(all, directory, command.user_id);
    }
    return all;
}

member_resource reply(const change_member& command, const view& view, const context&) {
    return member_in(view, command.user_id);
}

std::vector<std::string> streams(
    const accept_invitation& command, const directory&, const context& context
) {
    return {
        events::member_stream(command.user_id),
        stream_of(command.invitation_id),
        stream_of(context.organization)
    };
}

decision decide(const accept_invitation& command, const view& view, const context& context) {
    const auto* const invitation = view.find<invitation_state>(stream_of(command.invitation_id));
    if (invitation == nullptr || invitation->token_hash != command.token_hash ||
        invitation->status == invitation_status::revoked) {
        return std::unexpected(not_found("invitation", command.invitation_id));
    }
    if (invitation->status == invitation_status::accepted) {
        return std::unexpected(
            refuse(refusal_code::invitation_used, "this invitation was used already")
        );
    }
    if (context.now >= invitation->expires_at) {
        return std::unexpected(
            refuse(refusal_code::invitation_expired, "this invitation has expired")
        );
    }
    const auto* const member = view.find<member_state>(events::member_stream(command.user_id));
    if (member != nullptr && member->active) {
        return std::unexpected(
            refuse(refusal_code::already_member, "you are a member of this organization already")
        );
    }
    const events::invitation_accepted accepted{
        context.organization, command.invitation_id, invitation->email_hmac, command.user_id
    };
    if (member != nullptr) {
        return emit(
            accepted,
            events::member_changed{
                context.organization, command.user_id, invitation->role, true, member->role, false
            }
        );
    }
    return emit(
        accepted,
        events::member_added{
            context.organization,
            command.user_id,
            invitation->role,
            context.now,
            command.invitation_id
        }
    );
}

accepted_invitation reply(
    const accept_invitation& command, const view& view, const context& context
) {
    return {organization_in(view, context.organization), member_in(view, command.user_id)};
}

std::vector<std::string>
streams(const create_invitation& command, const directory& directory, const context&) {
    std::vector<std::string> names{stream_of(command.invitation_id)};
    if (const auto open = directory.pending_invitation(command.email_hmac)) {
        names.push_back(stream_of(*open));
    }
    return names;
}

decision decide(const create_invitation& command, const view& view, const context& context) {
    const auto& directory = view.organization();
    if (takes_owner(command.role)) {
        if (auto forbidden = check_access(directory, context, role::owner)) {
            return std::unexpected(*std::move(forbidden));
        }
    }
    pending_events all;
    if (const auto open = directory.pending_invitation(command.email_hmac)) {
        all = emit(events::invitation_revoked{context.organization, *open, command.email_hmac});
    }
    emit_into(
        all,
        events::invitation_created{
            context.organization,
            command.invitation_id,
            command.email,
            command.email_hmac,
            command.role,
            command.token_hash,
            command.expires_at
        }
    );
    return all;
}

invitation_resource reply(const create_invitation& command, const view& view, const context&) {
    const auto stream = stream_of(command.invitation_id);
    const auto& folded = view.at(stream);
    const auto& state = std::get<invitation_state>(folded.state);
    return {
        state.id,
        state.email,
        state.role,
        state.status,
        state.expires_at,
        user_or_null(folded.created_by),
        folded.created_at,
        folded.version
    };
}

std::vector<std::string>
streams(const revoke_invitation& command, const directory&, const context&) {
    return {stream_of(command.invitation_id)};
}

decision decide(const revoke_invitation& command, const view& view, const context& context) {
    const auto* const invitation = view.find<invitation_state>(stream_of(command.invitation_id));
    if (invitation == nullptr || invitation->status == invitation_status::revoked) {
        return std::unexpected(not_found("invitation", command.invitation_id));
    }
    if (invitation->status == invitation_status::accepted) {
        return std::unexpected(refuse(
            refusal_code::invitation_used,
            "this invitation was used already",
            "invitation",
            to_string(command.invitation_id)
        ));
    }
    if (takes_owner(invitation->role)) {
        if (auto forbidden = check_access(view.organization(), context, role::owner)) {
            return std::unexpected(*std::move(forbidden));
        }
    }
    return emit(events::invitation_revoked{
        context.organization, command.invitation_id, invitation->email_hmac
    });
}

no_content reply(const revoke_invitation&, const view&, const context&) {
    return {};
}

std::vector<std::string>
streams(const remove_erased_member& command, const directory& directory, const context&) {
    return member_and_timers(directory, command.user_id);
}

decision decide(const remove_erased_member& command, const view& view, const context& context) {
    const auto* const state = view.find<member_state>(events::member_stream(command.user_id));
    if (state == nullptr) {
        return std::unexpected(not_found("user", command.user_id));
    }
    if (!state->active) {
        return {};
    }
    auto all = emit(events::member_changed{
        context.organization, command.user_id, state->role, false, state->role, true
    });
    discard_timers(all, view.organization(), command.user_id);
    return all;
}

no_content reply(const remove_erased_member&, const view&, const context&) {
    return {};
}

std::vector<std::string>
streams(const erase_invitation& command, const directory&, const context&) {
    return {stream_of(command.invitation_id)};
}

decision decide(const erase_invitation& command, const view& view, const context& context) {
    const auto* const invitation = view.find<invitation_state>(stream_of(command.invitation_id));
    if (invitation == nullptr) {
        return std::unexpected(not_found("invitation", command.invitation_id));
    }
    if (invitation->erased) {
        return {};
    }
    pending_events all;
    if (invitation->status == invitation_status::pending) {
        all = emit(events::invitation_revoked{
            context.organization, command.invitation_id, invitation->email_hmac
        });
    }
    emit_into(all, events::invitation_erased{context.organization, command.invitation_id});
    return all;
}

no_content reply(const erase_invitation&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
