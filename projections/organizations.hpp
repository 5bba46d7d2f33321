#pragma once
// Read model of organizations: settings, members and invitations.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/organization.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct organization_row {
    events::organization_id id;
    std::string name;
    bool single_running_timer = false;
    std::string time_zone = "UTC";
    std::int32_t max_concurrent_generations = 5;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    static constexpr std::string_view table = "organization";
    static constexpr auto primary_key = std::tuple(&organization_row::id);
};
BOOST_DESCRIBE_STRUCT(
    organization_row,
    (),
    (id,
     name,
     single_running_timer,
     time_zone,
     max_concurrent_generations,
     created_at,
     updated_at,
     version)
)

/// Name and address of a member are those of the account (users.account).
struct member_row {
    events::organization_id organization_id;
    events::user_id user_id;
    events::role role = events::role::viewer;
    bool active = true;
    events::timestamp joined_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    static constexpr std::string_view table = "member";
    static constexpr auto primary_key =
        std::tuple(&member_row::organization_id, &member_row::user_id);
    static constexpr std::array<std::string_view, 1> indexes{"(user_id, joined_at)"};
};
BOOST_DESCRIBE_STRUCT(
    member_row, (), (organization_id, user_id, role, active, joined_at, updated_at, version)
)

/// An open invitation may have expired: compare expires_at.
enum class invitation_status { open, accepted, revoked };
BOOST_DESCRIBE_ENUM(invitation_status, open, accepted, revoked)

struct invitation_row {
    events::invitation_id id;
    events::organization_id organization_id;
    events::personal email;
    /// Finds the invitations of an address that is to be erased; empty once it was.
    std::string email_hmac;
    events::role role = events::role::viewer;
    std::string token_hash;
    invitation_status status = invitation_status::open;
    events::timestamp expires_at;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    std::optional<events::user_id> accepted_by;
    std::int64_t version = 0;

    static constexpr std::string_view table = "invitation";
    static constexpr auto primary_key = std::tuple(&invitation_row::id);
    static constexpr std::array<std::string_view, 3> indexes{
        "(organization_id, id)",
        "(token_hash)",
        "(email_hmac)",
    };
};
BOOST_DESCRIBE_STRUCT(
    invitation_row,
    (),
    (id,
     organization_id,
     email,
     email_hmac,
     role,
     token_hash,
     status,
     expires_at,
     created_by,
     created_at,
     accepted_by,
     version)
)

projection organizations();

}  // namespace teamflow::projections
