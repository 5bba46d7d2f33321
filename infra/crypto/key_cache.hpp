#pragma once
// The keys of persons in memory: bounded, least recently used ones leave first.

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <variant>

#include "events/ids.hpp"
#include "infra/crypto/seal.hpp"

namespace teamflow::infra {

/// The person was erased; that is for good.
struct key_destroyed {};

/// There was no key when it was last looked for; one may have been made since.
struct key_absent {};

using known_key = std::variant<key_absent, key_destroyed, person_key>;

/// Shared by all threads of the process.
class key_cache {
public:
    /// `capacity` entries of some 200 bytes. It must be well above what one batch loads, since a
    /// loaded key has to be there still when the batch uses it.
    explicit key_cache(std::size_t capacity = 65'536);

    /// What is known about a person's key; nullopt when it has not been loaded or has left.
    [[nodiscard]] std::optional<known_key> find(events::user_id person);

    /// Remembers what a query said. A query may be late: a destroyed key stays destroyed, and a
    /// key that is there is not forgotten because somebody looked before it was made.
    void put(events::user_id person, known_key key);

private:
    struct entry {
        events::user_id person;
        known_key key;
    };

    std::mutex mutex_;
    std::size_t capacity_;
    std::list<entry> by_use_;
    std::unordered_map<events::user_id, std::list<entry>::iterator> by_person_;
};

}  // namespace teamflow::infra
