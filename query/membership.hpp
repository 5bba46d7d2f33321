#pragma once
// Reads who belongs to an organization, and who is invited.

#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "commands/membership.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

struct member_filter : page_request {
    std::optional<events::role> role;
    std::optional<bool> active;
};
BOOST_DESCRIBE_STRUCT(member_filter, (page_request), (role, active))

/// Members of an organization, with name and address of their accounts. Those that were deactivated
/// are among them.
infra::task<std::expected<page<commands::member_resource>, events::json::problems>> members(
    infra::postgres::pool& database,
    events::organization_id organization,
    const member_filter& asked
);

/// One member; nullopt when the user is none.
infra::task<std::optional<commands::member_resource>> find_member(
    infra::postgres::pool& database, events::organization_id organization, events::user_id user
);

struct invitation_filter : page_request {
    std::optional<commands::invitation_status> status;
};
BOOST_DESCRIBE_STRUCT(invitation_filter, (page_request), (status))

/// Invitations of an organization, the newest first.
infra::task<std::expected<page<commands::invitation_resource>, events::json::problems>> invitations(
    infra::postgres::pool& database,
    events::organization_id organization,
    const invitation_filter& asked
);

/// One invitation; nullopt also for another organization's.
infra::task<std::optional<commands::invitation_resource>> find_invitation(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::invitation_id invitation
);

/// The same for whoever holds the token: by the hash of it.
infra::task<std::optional<commands::invitation_resource>> find_invitation_by_token(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::invitation_id invitation,
    std::string token_hash
);

}  // namespace teamflow::query
