#pragma once
// What all ways to sign in have in common: the answer, its tokens, and read models that may still
// be a few milliseconds behind.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/formats.hpp"
#include "commands/identity.hpp"
#include "gateway/api/call.hpp"
#include "gateway/api/route.hpp"
#include "query/identity.hpp"

namespace teamflow::gateway {

/// A user as the client gets it, opened.
struct user_profile {
    events::user_id id;
    std::string email;
    std::string name;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(user_profile, (), (id, email, name, created_at, updated_at, version))

/// The answer to register, login, refresh and accepting an invitation. Operators have no
/// organization.
struct session_answer {
    user_profile user;
    std::optional<commands::organization_resource> organization;
    std::optional<events::role> role;
    bool is_operator = false;
    std::vector<query::membership> memberships;
    std::string access_token;
    std::string refresh_token;
    std::string token_type;
    std::int64_t expires_in = 0;
};
BOOST_DESCRIBE_STRUCT(
    session_answer,
    (),
    (user,
     organization,
     role,
     is_operator,
     memberships,
     access_token,
     refresh_token,
     token_type,
     expires_in)
)

/// 12 or more characters, at most 1,024 bytes.
struct password_format {
    static constexpr std::string_view pattern = "^[\\s\\S]{12,1024}$";
    static constexpr std::string_view expected = "12 to 1024 characters long";
    static bool matches(std::string_view text);
};

using chosen_password = events::json::formatted<password_format>;

/// The keyed hash under which an address is reserved.
std::string email_hmac_of(const services& with, std::string_view address);

/// Opens what only the key of its person opens. Throws postgres_error.
task<user_profile> open_profile(services& with, commands::user_resource sealed);
task<user_profile> open_profile(services& with, query::account sealed);

/// The account of an operator, who has no name and no events.
user_profile operator_profile(events::user_id user, std::string email);

/// Waits until these projections have read what the log is known to hold of the organization's
/// partition (of all partitions without one), for two seconds at most. Throws `unavailable` when
/// they do not get there.
task<> catch_up(
    services& with,
    std::vector<std::string> projections,
    std::optional<events::organization_id> organization
);

/// The user's active memberships, oldest first; waits for the read model when none is there, or
/// not the one that is wanted.
task<std::vector<query::membership>> memberships_with(
    services& with, events::user_id user, std::optional<events::organization_id> wanted
);

/// Who signs in, where.
struct signing_in {
    user_profile user;
    std::optional<commands::organization_resource> organization;
    std::optional<events::role> role;
    bool is_operator = false;
    std::vector<query::membership> memberships;
};

/// A new sign-in: a family of refresh tokens of its own.
task<session_answer> begin_session(services& with, signing_in who);

/// The same family goes on with its next refresh token.
session_answer continue_session(services& with, signing_in who, infra::issued_refresh_token next);

response session_response(unsigned status, const session_answer& answer);

}  // namespace teamflow::gateway
