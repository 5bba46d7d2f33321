#pragma once
// Folded streams of organizations: the organization itself, a membership, an invitation.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/organization.hpp"

namespace teamflow::commands {

/// What an owner may set; the members are named as clients see them.
struct organization_settings {
    bool single_running_timer = false;
    std::string time_zone = "UTC";
    std::int32_t max_concurrent_generations = 5;

    friend bool operator==(const organization_settings&, const organization_settings&) = default;
};
BOOST_DESCRIBE_STRUCT(
    organization_settings, (), (single_running_timer, time_zone, max_concurrent_generations)
)

/// Takes over the settings that the event names.
void merge(organization_settings& settings, const events::organization_settings_changed& event);

struct organization_state {
    static constexpr events::stream_kind kind = events::stream_kind::organization;

    events::organization_id id;
    std::string name;
    organization_settings settings;
};
BOOST_DESCRIBE_STRUCT(organization_state, (), (id, name, settings))

void evolve(organization_state& state, const events::organization_created& event);
void evolve(organization_state& state, const events::organization_settings_changed& event);

struct member_state {
    static constexpr events::stream_kind kind = events::stream_kind::member;

    events::user_id id;
    events::role role = events::role::viewer;
    bool active = true;
    events::timestamp joined_at;
};
BOOST_DESCRIBE_STRUCT(member_state, (), (id, role, active, joined_at))

void evolve(member_state& state, const events::member_added& event);
void evolve(member_state& state, const events::member_changed& event);

/// `pending` says nothing about time: an invitation past its date is pending and cannot be used.
enum class invitation_status { pending, accepted, revoked };
BOOST_DESCRIBE_ENUM(invitation_status, pending, accepted, revoked)

struct invitation_state {
    static constexpr events::stream_kind kind = events::stream_kind::invitation;

    events::invitation_id id;
    events::personal email;
    std::string email_hmac;
    events::role role = events::role::viewer;
    std::string token_hash;
    events::timestamp expires_at;
    invitation_status status = invitation_status::pending;
    /// The address cannot be read any more.
    bool erased = false;
};
BOOST_DESCRIBE_STRUCT(
    invitation_state, (), (id, email, email_hmac, role, token_hash, expires_at, status, erased)
)

void evolve(invitation_state& state, const events::invitation_created& event);
void evolve(invitation_state& state, const events::invitation_accepted& event);
void evolve(invitation_state& state, const events::invitation_revoked& event);
void evolve(invitation_state& state, const events::invitation_erased& event);

}  // namespace teamflow::commands
