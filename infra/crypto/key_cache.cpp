#include "infra/crypto/key_cache.hpp"

#include <algorithm>
#include <utility>

namespace teamflow::infra {

key_cache::key_cache(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

std::optional<known_key> key_cache::find(events::user_id person) {
    const std::lock_guard lock(mutex_);
    const auto found = by_person_.find(person);
    if (found == by_person_.end()) {
        return std::nullopt;
    }
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->key;
}

void key_cache::put(events::user_id person, known_key key) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_person_.find(person); found != by_person_.end()) {
        known_key& known = found->second->key;
        const bool is_late =
            std::holds_alternative<key_destroyed>(known) ||
            (std::holds_alternative<person_key>(known) && std::holds_alternative<key_absent>(key));
        if (!is_late) {
            known = std::move(key);
        }
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        return;
    }
    if (by_person_.size() == capacity_) {
        by_person_.erase(by_use_.back().person);
        by_use_.pop_back();
    }
    by_use_.push_front({person, std::move(key)});
    by_person_.emplace(person, by_use_.begin());
}

}  // namespace teamflow::infra
