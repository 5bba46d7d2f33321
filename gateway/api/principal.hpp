#pragma once
// Who is behind a request, as its token says.

#include <string_view>

#include "events/ids.hpp"
#include "events/role.hpp"
#include "events/time.hpp"

namespace teamflow::gateway {

struct principal {
    events::user_id user;
    events::organization_id organization;
    events::role role = events::role::viewer;
    bool is_operator = false;
    /// False once the membership ended, though the token is still good.
    bool is_member = true;
    events::uuid family{};
    events::timestamp expires_at;

    [[nodiscard]] bool is_anonymous() const { return user.is_nil(); }
};

/// In whose name the command line acts: whoever has the instance's secrets. No account has this id.
inline constexpr std::string_view command_line_user = "00000000-0000-7000-8000-000000000001";

}  // namespace teamflow::gateway
