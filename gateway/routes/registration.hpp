#pragma once
// The steps by which a user account comes to be; each may be done again, so that a retry completes
// what an earlier request began.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/issue.hpp"
#include "gateway/routes/sign_in.hpp"

namespace teamflow::gateway {

/// An account to be made, and the organization that it founds or joins.
struct registration {
    events::user_id user;
    std::string email;
    std::string name;
    std::string password;
    events::organization_id organization;
    std::optional<std::string> organization_name = {};
    std::optional<events::invitation_id> invitation = {};
    std::optional<commands::request_key> once = {};
};

/// An id that follows from a secret of this instance, a purpose and a text, so that a retry on any
/// gateway finds what the first request made. A UUIDv7 whose time is `when`, which every retry must
/// know.
events::uuid derived_id(
    const services& with, std::string_view purpose, std::string_view text, events::timestamp when
);

/// Makes the person's key and the credential row, then reserves the address and registers the user
/// in the nil organization. The answer of an earlier request with the same key names that request's
/// user, and the id of this one comes to nothing. A user who is there already, by the key or by the
/// id, must have the same password; `idempotency_key_reused` if not. `email_taken` when the address
/// is another user's.
task<std::expected<commands::command_reply, problem>> register_account(
    call& under_way, registration what
);

/// Founds the organization of a registered user, as the process manager of registrations. Harmless
/// when repeated.
task<std::expected<commands::command_reply, problem>> found_organization(
    call& under_way,
    events::organization_id organization,
    std::string name,
    events::user_id owner,
    std::optional<commands::request_key> once
);

}  // namespace teamflow::gateway
