#pragma once
// What an erasure has to find: the person's account, memberships and invitations, and afterwards
// everything that shows the placeholder.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"
#include "events/role.hpp"
#include "events/time.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

/// An account, erased or not.
struct erasable_account {
    events::user_id id;
    /// Of the address that it was registered with; empty when history does not hold it yet.
    std::string email_hmac;
    std::optional<events::timestamp> erased_at;
};
BOOST_DESCRIBE_STRUCT(erasable_account, (), (id, email_hmac, erased_at))

/// Throws postgres_error, as all of these.
infra::task<std::optional<erasable_account>> erasable_by_id(
    infra::postgres::pool& database, events::user_id user
);

/// An address that was erased finds nobody.
infra::task<std::optional<erasable_account>> erasable_by_email(
    infra::postgres::pool& database, std::string email_hmac
);

/// An active membership of the person.
struct ending_membership {
    events::organization_id organization_id;
    std::string organization_name;
    events::role role = events::role::viewer;
    /// No other active member is an owner.
    bool is_only_owner = false;
    /// Other active members.
    std::int64_t others = 0;
};
BOOST_DESCRIBE_STRUCT(
    ending_membership, (), (organization_id, organization_name, role, is_only_owner, others)
)

infra::task<std::vector<ending_membership>> ending_memberships(
    infra::postgres::pool& database, events::user_id user
);

struct sent_invitation {
    events::invitation_id id;
    events::organization_id organization_id;
};
BOOST_DESCRIBE_STRUCT(sent_invitation, (), (id, organization_id))

/// Invitations to the address that are not erased yet; none that came after the account's end.
infra::task<std::vector<sent_invitation>> invitations_to(
    infra::postgres::pool& database, const erasable_account& account
);

/// How many of what hold sealed text of the person.
struct placeholder_count {
    /// An event type, or `schema.table`.
    std::string where;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(placeholder_count, (), (where, count))

/// By event type. Looks through the history of all organizations that the person ever belonged to.
infra::task<std::vector<placeholder_count>> sealed_events(
    infra::postgres::pool& database,
    events::user_id user,
    std::vector<events::invitation_id> invitations
);

/// By table of the read models.
infra::task<std::vector<placeholder_count>> sealed_rows(
    infra::postgres::pool& database,
    events::user_id user,
    std::vector<events::invitation_id> invitations
);

}  // namespace teamflow::query
