// What a writer knows of idempotency keys: those in flight, the newest, and the archive's.
#include <algorithm>

#include "commands/writer/partition_writer.hpp"

namespace teamflow::commands {

infra::task<> partition_writer::recall(const request_key& once) {
    if (keys_.contains(once.key)) {
        co_return;
    }
    const auto record = co_await with_.archive.find_once(once.key);
    if (record && record->once && !keys_.contains(once.key)) {
        remember(*record->once, 0);
        keys_.at(once.key).last = record->at;
    }
}

void partition_writer::remember(const events::idempotency& once, std::uint64_t token) {
    // Only what the archive can tell may be forgotten, also to those whom it has answered already;
    // in-flight keys are the youngest.
    auto told = with_.log.archived(partition_);
    if (!key_lookups_.empty()) {
        told = std::min(told, *key_lookups_.begin());
    }
    while (keys_.size() >= limits_.keys_max) {
        const auto oldest = keys_.find(key_ages_.front());
        if (oldest->second.token != 0 || oldest->second.last > told) {
            break;
        }
        keys_.erase(oldest);
        key_ages_.pop_front();
    }
    const auto age = key_ages_.insert(key_ages_.end(), once.key);
    keys_.emplace(once.key, remembered{.once = once, .token = token, .last = -1, .age = age});
}

void partition_writer::forget(const std::string& key) {
    const auto found = keys_.find(key);
    if (found != keys_.end()) {
        key_ages_.erase(found->second.age);
        keys_.erase(found);
    }
}

}  // namespace teamflow::commands
