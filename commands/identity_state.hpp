#pragma once
// Folded streams of user accounts: the account and the reservation of its e-mail address.

#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "events/identity.hpp"

namespace teamflow::commands {

struct user_state {
    static constexpr events::stream_kind kind = events::stream_kind::user;

    events::user_id id;
    events::personal email;
    events::personal name;
    events::organization_id organization_id;
    std::optional<std::string> organization_name;
    /// For good; nothing may be sealed for this user any more.
    bool erased = false;
};
BOOST_DESCRIBE_STRUCT(user_state, (), (id, email, name, organization_id, organization_name, erased))

void evolve(user_state& state, const events::user_registered& event);
void evolve(user_state& state, const events::profile_changed& event);
void evolve(user_state& state, const events::user_erased& event);

struct email_state {
    static constexpr events::stream_kind kind = events::stream_kind::email;

    /// Nobody once the owner was erased.
    std::optional<events::user_id> owner;
};
BOOST_DESCRIBE_STRUCT(email_state, (), (owner))

void evolve(email_state& state, const events::email_reserved& event);
void evolve(email_state& state, const events::email_released& event);

}  // namespace teamflow::commands
