#pragma once
// Access that ended or changed after its token was issued, for as long as such tokens live.

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <shared_mutex>
#include <utility>

#include "events/organization.hpp"
#include "gateway/api/principal.hpp"

namespace teamflow::gateway {

/// Tokens are believed without a look into the database, so what contradicts them is kept here: the
/// newest state of members who changed lately, and the sign-ins that were ended lately. Whatever is
/// older than a token can live is forgotten. Thread-safe, and free where nothing changed.
class access_changes {
public:
    /// `token_life` is how long an access token lives.
    explicit access_changes(std::chrono::seconds token_life) : token_life_(token_life) {}

    /// An event said so at `at`; an older one than is known changes nothing.
    void member_changed(const events::member_changed& event, events::timestamp at);

    /// The sign-in ended: logged out, its password changed, or a refresh token was used twice.
    void sign_in_ended(const events::uuid& family, events::timestamp at);

    /// Whether the sign-in behind a token has ended.
    [[nodiscard]] bool has_ended(const principal& who) const;

    /// Gives `who` the role that the member has now, or takes the membership away.
    void bring_up_to_date(principal& who) const;

    /// Whether what `who` was allowed at the beginning of a long answer still is.
    [[nodiscard]] bool still_holds(const principal& who) const;

private:
    using member_key = std::pair<events::uuid, events::uuid>;

    struct member_state {
        events::role role = events::role::viewer;
        bool is_active = false;
        events::timestamp since;
    };

    void forget_before(events::timestamp moment);

    std::chrono::seconds token_life_;
    std::atomic<bool> is_empty_ = true;
    mutable std::shared_mutex mutex_;
    std::map<member_key, member_state> members_;
    std::map<events::uuid, events::timestamp> ended_;
};

}  // namespace teamflow::gateway
