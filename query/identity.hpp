#pragma once
// Who has an account, and of which organizations they are members.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/organization.hpp"
#include "events/personal.hpp"
#include "events/role.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

/// A user account; address and name are sealed.
struct account {
    events::user_id id;
    events::personal email;
    events::personal name;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
    /// The organization that was founded or joined first.
    events::organization_id organization_id;
};
BOOST_DESCRIBE_STRUCT(
    account, (), (id, email, name, created_at, updated_at, version, organization_id)
)

/// By the keyed hash of the address. Throws postgres_error, as all of these.
infra::task<std::optional<account>> account_by_email(
    infra::postgres::pool& database, std::string email_hmac
);

infra::task<std::optional<account>> account_by_id(
    infra::postgres::pool& database, events::user_id user
);

/// One organization that a user belongs to.
struct membership {
    events::organization_id organization_id;
    std::string organization_name;
    events::role role = events::role::viewer;
    events::timestamp joined_at;
};
BOOST_DESCRIBE_STRUCT(membership, (), (organization_id, organization_name, role, joined_at))

/// The active memberships of a user, oldest first.
infra::task<std::vector<membership>> memberships_of(
    infra::postgres::pool& database, events::user_id user
);

infra::task<std::optional<commands::organization_resource>> organization_by_id(
    infra::postgres::pool& database, events::organization_id organization
);

/// The name of the organization that the user registered to found; nullopt for those who joined
/// one. From history, since a registration that stopped half-way has no other trace of it.
infra::task<std::optional<std::string>> founded_name(
    infra::postgres::pool& database, events::user_id user
);

/// The address of an operator.
infra::task<std::optional<std::string>> operator_email(
    infra::postgres::pool& database, events::user_id user
);

}  // namespace teamflow::query
