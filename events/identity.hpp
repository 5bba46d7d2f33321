#pragma once
// Events of user accounts; all lie in the nil organization.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/personal.hpp"
#include "events/stream.hpp"

namespace teamflow::events {

struct user_registered {
    static constexpr std::string_view type = "identity.user_registered";
    static constexpr std::int16_t schema_version = 2;
    static constexpr std::string_view summary =
        "A user account came to be; the organization it founds or joins is fixed with it.";

    events::user_id user_id;
    personal email;
    std::string email_hmac;
    personal name;
    /// The organization to be founded, with its name; null for whoever joins one.
    std::optional<events::organization_id> founded_organization_id;
    std::optional<std::string> organization_name;
    /// The organization that invited the user, with the invitation; null for a founder.
    std::optional<events::organization_id> joined_organization_id;
    std::optional<events::invitation_id> invitation_id;

    /// The one of the two that there is.
    [[nodiscard]] events::organization_id organization() const {
        return founded_organization_id.value_or(joined_organization_id.value_or(nil_organization));
    }

    [[nodiscard]] std::string stream() const { return stream_of(user_id); }
};
BOOST_DESCRIBE_STRUCT(
    user_registered,
    (),
    (user_id,
     email,
     email_hmac,
     name,
     founded_organization_id,
     organization_name,
     joined_organization_id,
     invitation_id)
)

struct email_reserved {
    static constexpr std::string_view type = "identity.email_reserved";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An e-mail address belongs to an account from now on.";

    std::string email_hmac;
    events::user_id user_id;

    [[nodiscard]] std::string stream() const { return email_stream(email_hmac); }
};
BOOST_DESCRIBE_STRUCT(email_reserved, (), (email_hmac, user_id))

struct profile_changed {
    static constexpr std::string_view type = "identity.profile_changed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A user changed the own name.";

    events::user_id user_id;
    personal name;

    [[nodiscard]] std::string stream() const { return stream_of(user_id); }
};
BOOST_DESCRIBE_STRUCT(profile_changed, (), (user_id, name))

struct password_changed {
    static constexpr std::string_view type = "identity.password_changed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A user changed the own password; the password itself is in no event.";

    events::user_id user_id;

    [[nodiscard]] std::string stream() const { return stream_of(user_id); }
};
BOOST_DESCRIBE_STRUCT(password_changed, (), (user_id))

/// The keys of the user and of these invitations go with it, in a restored database, too.
struct user_erased {
    static constexpr std::string_view type = "identity.user_erased";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "The personal data of a user was made unreadable for good, and the account ended.";

    events::user_id user_id;
    /// Those that were sent to the user's address, in whichever organization.
    std::vector<events::invitation_id> invitations;

    [[nodiscard]] std::string stream() const { return stream_of(user_id); }
};
BOOST_DESCRIBE_STRUCT(user_erased, (), (user_id, invitations))

struct email_released {
    static constexpr std::string_view type = "identity.email_released";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An e-mail address belongs to no account any more and may be registered again.";

    std::string email_hmac;
    /// Whose it was.
    events::user_id user_id;

    [[nodiscard]] std::string stream() const { return email_stream(email_hmac); }
};
BOOST_DESCRIBE_STRUCT(email_released, (), (email_hmac, user_id))

using identity_events = boost::mp11::mp_list<
    user_registered,
    email_reserved,
    profile_changed,
    password_changed,
    user_erased,
    email_released>;

}  // namespace teamflow::events
