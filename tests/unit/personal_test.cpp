#include "events/personal.hpp"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "infra/crypto/base64.hpp"
#include "infra/crypto/key_cache.hpp"
#include "infra/crypto/seal.hpp"
#include "tests/support/manual_clock.hpp"

namespace teamflow::infra {

namespace {

events::user_id person_of(std::uint8_t last) {
    events::user_id person;
    person.value.data[15] = last;
    return person;
}

const events::user_id ada = person_of(1);
const events::user_id bob = person_of(2);

secret_key key_of(std::uint64_t seed) {
    tests::seeded_random random(seed);
    return secret_key::make(random);
}

}  // namespace

TEST_CASE("text sealed for a person opens to the same text") {
    const person_key key(key_of(1));
    CHECK(rc::check("round trip", [&](const std::string& text) {
        RC_ASSERT(key.open(ada, key.seal(ada, text)) == text);
    }));
}

TEST_CASE("equal texts of one person seal equally, so that no change is seen without the key") {
    const person_key key(key_of(1));
    CHECK(key.seal(ada, "Ada Lovelace") == key.seal(ada, "Ada Lovelace"));
    CHECK(key.seal(ada, "Ada Lovelace") != key.seal(ada, "Ada Lovelacf"));
    CHECK(key.seal(ada, "Ada Lovelace") == person_key(key_of(1)).seal(ada, "Ada Lovelace"));
}

TEST_CASE("equal texts of two persons have nothing in common") {
    const person_key of_ada(key_of(1));
    const person_key of_bob(key_of(2));
    const std::string one = of_ada.seal(ada, "same text");
    const std::string other = of_bob.seal(bob, "same text");
    CHECK(one.size() == other.size());
    CHECK(one.substr(4) != other.substr(4));
    CHECK(of_ada.seal(bob, "same text") != one);
}

TEST_CASE("sealed text that was changed or moved does not open") {
    const person_key key(key_of(1));
    const std::string sealed = key.seal(ada, "Ada Lovelace");
    CHECK_THROWS_AS(key.open(bob, sealed), damaged_seal);
    CHECK_THROWS_AS(person_key(key_of(2)).open(ada, sealed), damaged_seal);
    CHECK_THROWS_AS(key.open(ada, ""), damaged_seal);
    CHECK_THROWS_AS(key.open(ada, "[erased]"), damaged_seal);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK_THROWS_AS(key.open(ada, changed), damaged_seal);
        CHECK_THROWS_AS(key.open(ada, sealed.substr(0, i)), damaged_seal);
    }
}

TEST_CASE("a personal field travels as person and sealed text") {
    const person_key key(key_of(1));
    const events::personal field{.person = ada, .sealed = key.seal(ada, "Ada \"Lovelace\"")};
    const std::string json = events::json::to_json(field);
    CHECK(
        json ==
        R"({"person":"00000000-0000-0000-0000-000000000001","sealed":")" + field.sealed + "\"}"
    );
    CHECK(json.find("Lovelace") == std::string::npos);
    const auto document = events::json::parse(json);
    REQUIRE(document.has_value());
    CHECK(events::json::read<events::personal>(*document) == field);
}

TEST_CASE("a wrapped key opens for its person and under its master key only") {
    tests::seeded_random random(5);
    const secret_key master = key_of(10);
    const secret_key key = key_of(11);
    const std::string wrapped = wrap_key(master, ada, key, random);
    const auto opened = unwrap_key(master, ada, wrapped);
    REQUIRE(opened.has_value());
    CHECK((opened && opened->bytes() == key.bytes()));
    CHECK(wrapped.find(key.bytes()) == std::string::npos);
    CHECK(wrap_key(master, ada, key, random) != wrapped);
    CHECK_FALSE(unwrap_key(master, bob, wrapped));
    CHECK_FALSE(unwrap_key(key_of(12), ada, wrapped));
    CHECK_FALSE(unwrap_key(master, ada, wrapped.substr(1)));
    CHECK_FALSE(unwrap_key(master, ada, ""));
}

TEST_CASE("an address is reserved under one name, however it is written") {
    const secret_key key = key_of(20);
    const std::string name = email_hmac(key, "ada@example.org");
    CHECK(name.size() == 64);
    CHECK(email_hmac(key, " Ada@Example.ORG\t") == name);
    CHECK(email_hmac(key, "ADA@EXAMPLE.ORG\r\n") == name);
    CHECK(email_hmac(key, "ad.a@example.org") != name);
    CHECK(email_hmac(key, "ada+x@example.org") != name);
    CHECK(email_hmac(key_of(21), "ada@example.org") != name);
    CHECK(
        normalized_email("  \xC3\x84"
                         "da@X.org ") ==
        "\xC3\x84"
        "da@x.org"
    );
    CHECK(normalized_email(" \t ").empty());
}

TEST_CASE("the cache of keys is bounded and lets go of what was not used") {
    key_cache cache(2);
    cache.put(person_of(1), person_key(key_of(1)));
    cache.put(person_of(2), key_destroyed{});
    CHECK(cache.find(person_of(1)));
    cache.put(person_of(3), key_absent{});
    CHECK(cache.find(person_of(1)));
    CHECK_FALSE(cache.find(person_of(2)));
    CHECK(cache.find(person_of(3)));
}

TEST_CASE("late news never brings a destroyed key back, nor loses one that is there") {
    key_cache cache(10);
    const auto holds = [&]<class T>(std::type_identity<T>) {
        const auto known = cache.find(ada);
        return known && std::holds_alternative<T>(*known);
    };
    cache.put(ada, key_absent{});
    CHECK(holds(std::type_identity<key_absent>{}));
    cache.put(ada, person_key(key_of(1)));
    CHECK(holds(std::type_identity<person_key>{}));
    cache.put(ada, key_absent{});
    CHECK(holds(std::type_identity<person_key>{}));
    cache.put(ada, key_destroyed{});
    cache.put(ada, person_key(key_of(1)));
    CHECK(holds(std::type_identity<key_destroyed>{}));
    cache.put(ada, key_absent{});
    CHECK(holds(std::type_identity<key_destroyed>{}));
}

TEST_CASE("threads may share the cache of keys") {
    key_cache cache(8);
    const std::string sealed = person_key(key_of(1)).seal(ada, "Ada");
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < 500; ++round) {
                    cache.put(person_of(static_cast<std::uint8_t>(round)), key_absent{});
                    cache.put(ada, person_key(key_of(1)));
                    const auto known = cache.find(ada);
                    const auto* key = known ? std::get_if<person_key>(&*known) : nullptr;
                    wrong += key != nullptr && key->open(ada, sealed) != "Ada" ? 1 : 0;
                }
            });
        }
    }
    CHECK(wrong == 0);
}

}  // namespace teamflow::infra
