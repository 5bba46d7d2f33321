#pragma once
// Commands on user accounts; all are decided in the nil organization. Passwords are no business of
// these: credentials lie in a table of their own.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

/// A user account as its owner sees it. Name and address are sealed; the gateway opens them.
struct user_resource {
    events::user_id id;
    events::personal email;
    events::personal name;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(user_resource, (), (id, email, name, created_at, updated_at, version))

/// Reserves the address and fixes all ids of a registration; what follows from it (the organization
/// with its owner, or the membership of an invited user) can then be done, and done again, by
/// whoever completes it. The gateway has written the credential row of `user_id` before.
/// Registering the same user again changes nothing.
struct register_user {
    events::user_id user_id;
    events::personal email;
    std::string email_hmac;
    events::personal name;
    /// To be founded, or the one that invited the user; nil for an operator.
    events::organization_id organization_id;
    /// Of the organization to be founded.
    std::optional<std::string> organization_name;
    /// What the user will accept.
    std::optional<events::invitation_id> invitation_id;
};
BOOST_DESCRIBE_STRUCT(
    register_user,
    (),
    (user_id, email, email_hmac, name, organization_id, organization_name, invitation_id)
)

std::vector<std::string> streams(const register_user&, const directory&, const context&);
decision decide(const register_user&, const view&, const context&);
user_resource reply(const register_user&, const view&, const context&);

/// PATCH /me, by the user alone.
struct change_profile {
    events::user_id user_id;
    events::json::replace<events::personal> name;
};
BOOST_DESCRIBE_STRUCT(change_profile, (), (user_id, name))

std::vector<std::string> streams(const change_profile&, const directory&, const context&);
decision decide(const change_profile&, const view&, const context&);
user_resource reply(const change_profile&, const view&, const context&);

/// Says in history that the password changed, after the credential row did.
struct record_password_change {
    events::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(record_password_change, (), (user_id))

std::vector<std::string> streams(const record_password_change&, const directory&, const context&);
decision decide(const record_password_change&, const view&, const context&);
no_content reply(const record_password_change&, const view&, const context&);

/// Ends an account for good and gives its address back. Only a route of operators issues it; the
/// keys, credentials and sign-ins, which are no events, are that route's business. To erase a user
/// again changes nothing.
struct erase_user {
    events::user_id user_id;
    /// The user's own; the address is given back if it belongs to the user.
    std::string email_hmac;
    /// Those sent to that address.
    std::vector<events::invitation_id> invitations;
};
BOOST_DESCRIBE_STRUCT(erase_user, (), (user_id, email_hmac, invitations))

std::vector<std::string> streams(const erase_user&, const directory&, const context&);
decision decide(const erase_user&, const view&, const context&);
no_content reply(const erase_user&, const view&, const context&);

}  // namespace teamflow::commands
