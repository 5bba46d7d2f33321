#pragma once
// Commands on who belongs to an organization: invitations and memberships.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "commands/organization.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

/// A user as member of an organization. Name and address belong to the account, which lies in
/// another partition: the gateway adds them to the answer.
struct member_resource {
    events::user_id id;
    std::optional<events::personal> email;
    std::optional<events::personal> name;
    events::role role = events::role::viewer;
    bool active = true;
    events::timestamp joined_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(member_resource, (), (id, email, name, role, active, joined_at, version))

/// PATCH /users/{id}. Admins change members and viewers, owners everybody; the last active owner
/// stays one. Deactivation discards the user's running timers in the same commit.
struct change_member {
    static constexpr role allowed = role::admin;

    events::user_id user_id;
    events::json::replace<events::role> role;
    events::json::replace<bool> active;
};
BOOST_DESCRIBE_STRUCT(change_member, (), (user_id, role, active))

std::vector<std::string> streams(const change_member&, const directory&, const context&);
decision decide(const change_member&, const view&, const context&);
member_resource reply(const change_member&, const view&, const context&);

struct invitation_resource {
    events::invitation_id id;
    events::personal email;
    events::role role = events::role::viewer;
    invitation_status status = invitation_status::pending;
    events::timestamp expires_at;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(
    invitation_resource, (), (id, email, role, status, expires_at, created_by, created_at, version)
)

/// Invites an address; an earlier invitation of the same address that is still open is revoked.
/// Inviting an admin or an owner takes an owner. The gateway has made the id and the token, which
/// names both this organization and the invitation, and sealed the address under a key that bears
/// the invitation's id.
struct create_invitation {
    static constexpr role allowed = role::admin;

    events::invitation_id invitation_id;
    events::personal email;
    std::string email_hmac;
    events::role role = events::role::viewer;
    std::string token_hash;
    events::timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(
    create_invitation, (), (invitation_id, email, email_hmac, role, token_hash, expires_at)
)

std::vector<std::string> streams(const create_invitation&, const directory&, const context&);
decision decide(const create_invitation&, const view&, const context&);
invitation_resource reply(const create_invitation&, const view&, const context&);

/// Whose membership came of an invitation, and where.
struct accepted_invitation {
    organization_resource organization;
    member_resource member;
};
BOOST_DESCRIBE_STRUCT(accepted_invitation, (), (organization, member))

/// Turns an invitation into a membership; whoever holds the token may. A deactivated member who
/// was invited again comes back with the role of the invitation. Decided in the organization that
/// invites, where the actor is not a member yet.
struct accept_invitation {
    events::invitation_id invitation_id;
    std::string token_hash;
    events::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(accept_invitation, (), (invitation_id, token_hash, user_id))

std::vector<std::string> streams(const accept_invitation&, const directory&, const context&);
decision decide(const accept_invitation&, const view&, const context&);
accepted_invitation reply(const accept_invitation&, const view&, const context&);

/// Withdraws an invitation that was not used. Those of admins and owners take an owner.
struct revoke_invitation {
    static constexpr role allowed = role::admin;

    events::invitation_id invitation_id;
};
BOOST_DESCRIBE_STRUCT(revoke_invitation, (), (invitation_id))

std::vector<std::string> streams(const revoke_invitation&, const directory&, const context&);
decision decide(const revoke_invitation&, const view&, const context&);
no_content reply(const revoke_invitation&, const view&, const context&);

/// Ends the membership of a user who was erased, whatever the role: the last owner, too, for nobody
/// can sign in as that user any more. Whoever erases has asked before. Issued by no route.
struct remove_erased_member {
    static constexpr role allowed = role::owner;

    events::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(remove_erased_member, (), (user_id))

std::vector<std::string> streams(const remove_erased_member&, const directory&, const context&);
decision decide(const remove_erased_member&, const view&, const context&);
no_content reply(const remove_erased_member&, const view&, const context&);

/// Says that the address of an invitation was erased, and withdraws it if it was not used. Issued
/// by no route.
struct erase_invitation {
    static constexpr role allowed = role::owner;

    events::invitation_id invitation_id;
};
BOOST_DESCRIBE_STRUCT(erase_invitation, (), (invitation_id))

std::vector<std::string> streams(const erase_invitation&, const directory&, const context&);
decision decide(const erase_invitation&, const view&, const context&);
no_content reply(const erase_invitation&, const view&, const context&);

}  // namespace teamflow::commands
