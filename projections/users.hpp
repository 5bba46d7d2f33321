#pragma once
// Read model of user accounts, which lie in the nil organization.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>

#include "events/identity.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct account_row {
    events::user_id id;
    events::personal email;
    /// Login finds the account by this; empty once the user was erased.
    std::string email_hmac;
    events::personal name;
    /// The organization that the user founded or joined first.
    events::organization_id organization_id;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
    std::optional<events::timestamp> erased_at;

    static constexpr std::string_view table = "account";
    static constexpr auto primary_key = std::tuple(&account_row::id);
    static constexpr std::array<std::string_view, 1> indexes{"(email_hmac)"};
};
BOOST_DESCRIBE_STRUCT(
    account_row,
    (),
    (id, email, email_hmac, name, organization_id, created_at, updated_at, version, erased_at)
)

projection users();

}  // namespace teamflow::projections
