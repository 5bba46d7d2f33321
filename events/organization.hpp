#pragma once
// Events of organizations: their settings, members and invitations.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/personal.hpp"
#include "events/role.hpp"
#include "events/stream.hpp"
#include "events/time.hpp"

namespace teamflow::events {

struct organization_created {
    static constexpr std::string_view type = "organization.organization_created";
    static constexpr std::int16_t schema_version = 2;
    static constexpr std::string_view summary = "An organization came to be, owned by its founder.";

    events::organization_id organization_id;
    std::string name;
    /// The first owner; who owns it later, the events of its members tell.
    user_id founder_id;

    [[nodiscard]] std::string stream() const { return stream_of(organization_id); }
};
BOOST_DESCRIBE_STRUCT(organization_created, (), (organization_id, name, founder_id))

/// A member that is null did not change.
struct organization_settings_changed {
    static constexpr std::string_view type = "organization.settings_changed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An owner changed the name or the settings.";

    events::organization_id organization_id;
    std::optional<std::string> name;
    std::optional<bool> single_running_timer;
    std::optional<std::string> time_zone;
    std::optional<std::int32_t> max_concurrent_generations;

    [[nodiscard]] std::string stream() const { return stream_of(organization_id); }
};
BOOST_DESCRIBE_STRUCT(
    organization_settings_changed,
    (),
    (organization_id, name, single_running_timer, time_zone, max_concurrent_generations)
)

struct member_added {
    static constexpr std::string_view type = "organization.member_added";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A user became a member, as founder or by accepting an invitation.";

    events::organization_id organization_id;
    events::user_id user_id;
    events::role role = events::role::viewer;
    timestamp joined_at;
    /// Absent for the founder.
    std::optional<events::invitation_id> invitation_id;

    [[nodiscard]] std::string stream() const { return member_stream(user_id); }
};
BOOST_DESCRIBE_STRUCT(member_added, (), (organization_id, user_id, role, joined_at, invitation_id))

struct member_changed {
    static constexpr std::string_view type = "organization.member_changed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "The role of a member changed, or a member was deactivated or activated again.";

    events::organization_id organization_id;
    events::user_id user_id;
    events::role role = events::role::viewer;
    bool active = true;
    events::role previous_role = events::role::viewer;
    bool previously_active = true;

    [[nodiscard]] std::string stream() const { return member_stream(user_id); }
};
BOOST_DESCRIBE_STRUCT(
    member_changed, (), (organization_id, user_id, role, active, previous_role, previously_active)
)

struct invitation_created {
    static constexpr std::string_view type = "organization.invitation_created";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "Somebody was invited by e-mail address.";

    events::organization_id organization_id;
    events::invitation_id invitation_id;
    /// Sealed under a key of the invitation's own until the address belongs to a user.
    personal email;
    std::string email_hmac;
    events::role role = events::role::viewer;
    /// SHA-256 of the token, hex; the token itself is shown once and kept nowhere.
    std::string token_hash;
    timestamp expires_at;

    [[nodiscard]] std::string stream() const { return stream_of(invitation_id); }
};
BOOST_DESCRIBE_STRUCT(
    invitation_created,
    (),
    (organization_id, invitation_id, email, email_hmac, role, token_hash, expires_at)
)

struct invitation_accepted {
    static constexpr std::string_view type = "organization.invitation_accepted";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An invitation was used by a user.";

    events::organization_id organization_id;
    events::invitation_id invitation_id;
    std::string email_hmac;
    events::user_id user_id;

    [[nodiscard]] std::string stream() const { return stream_of(invitation_id); }
};
BOOST_DESCRIBE_STRUCT(
    invitation_accepted, (), (organization_id, invitation_id, email_hmac, user_id)
)

struct invitation_revoked {
    static constexpr std::string_view type = "organization.invitation_revoked";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An invitation was withdrawn before it was used.";

    events::organization_id organization_id;
    events::invitation_id invitation_id;
    std::string email_hmac;

    [[nodiscard]] std::string stream() const { return stream_of(invitation_id); }
};
BOOST_DESCRIBE_STRUCT(invitation_revoked, (), (organization_id, invitation_id, email_hmac))

/// Its key is destroyed with it.
struct invitation_erased {
    static constexpr std::string_view type = "organization.invitation_erased";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "The address that an invitation was sent to was made unreadable for good.";

    events::organization_id organization_id;
    events::invitation_id invitation_id;

    [[nodiscard]] std::string stream() const { return stream_of(invitation_id); }
};
BOOST_DESCRIBE_STRUCT(invitation_erased, (), (organization_id, invitation_id))

using organization_events = boost::mp11::mp_list<
    organization_created,
    organization_settings_changed,
    member_added,
    member_changed,
    invitation_created,
    invitation_accepted,
    invitation_revoked,
    invitation_erased>;

}  // namespace teamflow::events
