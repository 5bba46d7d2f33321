#pragma once
// Who is behind a request, as its token says.

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

}  // namespace teamflow::gateway
