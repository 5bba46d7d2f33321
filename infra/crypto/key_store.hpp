#pragma once
// Seals and opens text about persons, with their keys from the database.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "events/personal.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/key_cache.hpp"
#include "infra/crypto/random.hpp"
#include "infra/crypto/secret_key.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// What stands in place of a person's text once the person is erased.
inline constexpr std::string_view erased_text = "[erased]";

/// There is nothing to seal under: the person was erased or never had a key.
class no_person_key : public std::runtime_error {
public:
    no_person_key() : std::runtime_error("the person has no key (erased, or never registered)") {}
};

/// Usage: `co_await keys.load(persons)`, then seal and open as often as needed before the next
/// co_await. One instance a thread, that of its pool; the cache is shared by all.
class key_store {
public:
    /// All arguments but `master` must outlive this.
    key_store(
        postgres::pool& database,
        key_cache& cache,
        const secret_key& master,
        const clock& time,
        random_source& random
    );

    /// Makes the keys of `persons` known, with one query for those that are not yet. Throws
    /// postgres_error, and std::runtime_error for a key that the master key does not open.
    task<> load(std::vector<events::user_id> persons);

    /// Makes a key for a person who has none yet; harmless when there is one. Throws no_person_key
    /// when the person was erased, and as load does.
    task<> create(events::user_id person);

    /// Destroys the key of a person for good: nothing sealed under it can be opened again, here at
    /// once and elsewhere after forget. Harmless when repeated. Throws postgres_error.
    task<> destroy(events::user_id person);

    /// Takes note that the key of a person was destroyed by another process.
    void forget(events::user_id person);

    /// Throws no_person_key, and std::logic_error when the person was not loaded.
    [[nodiscard]] events::personal seal(events::user_id person, std::string_view text) const;

    /// The text; nullopt when the person was erased. Throws damaged_seal, and std::logic_error when
    /// the person was not loaded.
    [[nodiscard]] std::optional<std::string> open(const events::personal& sealed) const;

    /// As open, with erased_text for an erased person.
    [[nodiscard]] std::string reveal(const events::personal& sealed) const;

private:
    [[nodiscard]] known_key loaded(events::user_id person) const;

    postgres::pool& database_;
    key_cache& cache_;
    secret_key master_;
    const clock& clock_;
    random_source& random_;
};

}  // namespace teamflow::infra
