#include "infra/crypto/key_store.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace teamflow::infra {

namespace {

using postgres::bytea;
using postgres::params;
using postgres::statement;

constexpr statement select_keys{
    "person_keys.select",
    "select person, wrapped from identity_private.person_keys where person = any($1)"
};

constexpr statement insert_key{
    "person_keys.insert",
    "insert into identity_private.person_keys (person, wrapped, created_at) values ($1, $2, $3) "
    "on conflict (person) do nothing returning person"
};

constexpr statement destroy_key{
    "person_keys.destroy",
    "insert into identity_private.person_keys as k (person, created_at, destroyed_at) "
    "values ($1, $2, $2) on conflict (person) do update set wrapped = null, "
    "destroyed_at = coalesce(k.destroyed_at, excluded.destroyed_at)"
};

void sort_unique(std::vector<events::user_id>& persons) {
    std::ranges::sort(persons);
    const auto rest = std::ranges::unique(persons);
    persons.erase(rest.begin(), rest.end());
}

}  // namespace

key_store::key_store(
    postgres::pool& database,
    key_cache& cache,
    const secret_key& master,
    const clock& time,
    random_source& random
)
    : database_(database), cache_(cache), master_(master), clock_(time), random_(random) {}

task<> key_store::load(std::vector<events::user_id> persons) {
    std::erase_if(persons, [&](const events::user_id& person) {
        const auto known = cache_.find(person);
        return known && !std::holds_alternative<key_absent>(*known);
    });
    if (persons.empty()) {
        co_return;
    }
    sort_unique(persons);
    auto with = params::of(persons);
    const auto rows = co_await database_.query(select_keys, std::move(with));
    std::vector<events::user_id> found;
    found.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto person = rows.get<events::user_id>(row, 0);
        found.push_back(person);
        if (rows.is_null(row, 1)) {
            cache_.put(person, key_destroyed{});
            continue;
        }
        const auto key = unwrap_key(master_, person, rows.get<bytea>(row, 1).bytes);
        if (!key) {
            throw std::runtime_error(fmt::format(
                "the key of person {} does not open with this master key", to_string(person)
            ));
        }
        cache_.put(person, person_key(*key));
    }
    std::ranges::sort(found);
    for (const events::user_id& person : persons) {
        if (!std::ranges::binary_search(found, person)) {
            cache_.put(person, key_absent{});
        }
    }
}

task<> key_store::create(events::user_id person) {
    const secret_key key = secret_key::make(random_);
    const std::string wrapped = wrap_key(master_, person, key, random_);
    auto with = params::of(person, bytea{wrapped}, clock_.now());
    const auto inserted = co_await database_.query(insert_key, std::move(with));
    if (!inserted.empty()) {
        cache_.put(person, person_key(key));
        co_return;
    }
    std::vector<events::user_id> one(1, person);
    co_await load(std::move(one));
    if (!std::holds_alternative<person_key>(loaded(person))) {
        throw no_person_key();
    }
}

task<> key_store::destroy(events::user_id person) {
    auto with = params::of(person, clock_.now());
    co_await database_.query(destroy_key, std::move(with));
    forget(person);
}

void key_store::forget(events::user_id person) {
    cache_.put(person, key_destroyed{});
}

known_key key_store::loaded(events::user_id person) const {
    auto known = cache_.find(person);
    if (!known) {
        throw std::logic_error("the key of a person was used before it was loaded");
    }
    return *std::move(known);
}

events::personal key_store::seal(events::user_id person, std::string_view text) const {
    const known_key known = loaded(person);
    const auto* key = std::get_if<person_key>(&known);
    if (key == nullptr) {
        throw no_person_key();
    }
    return {.person = person, .sealed = key->seal(person, text)};
}

std::optional<std::string> key_store::open(const events::personal& sealed) const {
    const known_key known = loaded(sealed.person);
    const auto* key = std::get_if<person_key>(&known);
    return key == nullptr ? std::nullopt : std::optional(key->open(sealed.person, sealed.sealed));
}

std::string key_store::reveal(const events::personal& sealed) const {
    return open(sealed).value_or(std::string(erased_text));
}

}  // namespace teamflow::infra
