#include "gateway/api/access_changes.hpp"

#include <mutex>

namespace teamflow::gateway {

void access_changes::member_changed(const events::member_changed& event, events::timestamp at) {
    const std::unique_lock lock(mutex_);
    auto& known = members_[{event.organization_id.value, event.user_id.value}];
    if (at >= known.since) {
        known = {.role = event.role, .is_active = event.active, .since = at};
    }
    forget_before(at - token_life_);
    is_empty_ = false;
}

void access_changes::sign_in_ended(const events::uuid& family, events::timestamp at) {
    const std::unique_lock lock(mutex_);
    ended_.emplace(family, at);
    forget_before(at - token_life_);
    is_empty_ = false;
}

/// Changes are rare and live for minutes: few enough to look through.
void access_changes::forget_before(events::timestamp moment) {
    std::erase_if(members_, [&](const auto& each) { return each.second.since < moment; });
    std::erase_if(ended_, [&](const auto& each) { return each.second < moment; });
}

bool access_changes::has_ended(const principal& who) const {
    if (is_empty_ || who.family.is_nil()) {
        return false;
    }
    const std::shared_lock lock(mutex_);
    return ended_.contains(who.family);
}

void access_changes::bring_up_to_date(principal& who) const {
    if (is_empty_ || who.is_operator) {
        return;
    }
    const std::shared_lock lock(mutex_);
    const auto changed = members_.find({who.organization.value, who.user.value});
    if (changed != members_.end()) {
        who.role = changed->second.role;
        who.is_member = changed->second.is_active;
    }
}

bool access_changes::still_holds(const principal& who) const {
    auto now = who;
    bring_up_to_date(now);
    return !has_ended(who) && now.is_member && now.role >= who.role;
}

}  // namespace teamflow::gateway
