// The keys of persons, against a real database.

#include "infra/crypto/key_store.hpp"

#include <catch2/catch.hpp>

#include "tests/support/manual_clock.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using infra::key_store;
using infra::task;

/// One node: a cache and a store of its own on the database of the fixture.
struct node {
    infra::system_clock time;
    infra::system_random random;
    infra::postgres::pool database;
    infra::key_cache cache;
    key_store keys;

    explicit node(
        postgres_fixture& fixture, const infra::secret_key& master, std::size_t capacity = 100
    )
        : database(fixture.executor(), fixture.url()),
          cache(capacity),
          keys(database, cache, master, time, random) {}
};

infra::secret_key make_master(std::uint64_t seed) {
    seeded_random random(seed);
    return infra::secret_key::make(random);
}

events::user_id new_person() {
    const infra::system_clock time;
    infra::system_random random;
    return infra::uuid_v7_source(time, random).next<events::user_id>();
}

std::int64_t rows_of(postgres_fixture& fixture, const std::string& condition) {
    const auto rows = fixture.session().query(
        "select count(*) from identity_private.person_keys where " + condition
    );
    return rows.get<std::int64_t>(0, 0);
}

}  // namespace

TEST_CASE("what one node seals another opens after loading the key", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    node other(fixture, make_master(1));
    const events::user_id ada = new_person();
    fixture.run(one.keys.create(ada));
    const events::personal name = one.keys.seal(ada, "Ada Lovelace");
    CHECK(one.keys.reveal(name) == "Ada Lovelace");

    CHECK_THROWS_AS(other.keys.open(name), std::logic_error);
    fixture.run(other.keys.load({ada}));
    CHECK(other.keys.open(name) == "Ada Lovelace");
    CHECK(other.keys.seal(ada, "Ada Lovelace") == name);
}

TEST_CASE("a key is made once, whoever is first", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    node other(fixture, make_master(1));
    const events::user_id ada = new_person();
    fixture.run(one.keys.create(ada));
    fixture.run(other.keys.create(ada));
    fixture.run(one.keys.create(ada));
    CHECK(one.keys.seal(ada, "text") == other.keys.seal(ada, "text"));
    CHECK(rows_of(fixture, "true") == 1);
}

TEST_CASE("keys of many persons come with one load, with persons named twice", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1), 1000);
    node other(fixture, make_master(1), 1000);
    std::vector<events::user_id> persons;
    std::vector<events::personal> names;
    for (int i = 0; i < 300; ++i) {
        persons.push_back(new_person());
        fixture.run(one.keys.create(persons.back()));
        names.push_back(one.keys.seal(persons.back(), "person " + std::to_string(i)));
    }
    std::vector<events::user_id> twice = persons;
    twice.insert(twice.end(), persons.begin(), persons.end());
    fixture.run(other.keys.load(twice));
    bool all = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
        all = all && other.keys.open(names[i]) == "person " + std::to_string(i);
    }
    CHECK(all);
    CHECK(other.database.counters().calls == 1);
    fixture.run(other.keys.load(persons));
    CHECK(other.database.counters().calls == 1);
    fixture.run(other.keys.load({}));
    CHECK(other.database.counters().calls == 1);
}

TEST_CASE("an erased person's text cannot be opened anywhere any more", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    node other(fixture, make_master(1));
    const events::user_id ada = new_person();
    fixture.run(one.keys.create(ada));
    fixture.run(other.keys.load({ada}));
    const events::personal name = one.keys.seal(ada, "Ada Lovelace");

    fixture.run(one.keys.destroy(ada));
    CHECK_FALSE(one.keys.open(name));
    CHECK(one.keys.reveal(name) == "[erased]");
    CHECK_THROWS_AS(one.keys.seal(ada, "again"), infra::no_person_key);
    CHECK_THROWS_AS(fixture.run(one.keys.create(ada)), infra::no_person_key);

    // A node that has the key in memory forgets it when it hears of the erasure.
    CHECK(other.keys.open(name) == "Ada Lovelace");
    other.keys.forget(ada);
    CHECK(other.keys.reveal(name) == "[erased]");
    fixture.run(other.keys.load({ada}));
    CHECK(other.keys.reveal(name) == "[erased]");

    node later(fixture, make_master(1));
    fixture.run(later.keys.load({ada}));
    CHECK(later.keys.reveal(name) == "[erased]");
    CHECK(rows_of(fixture, "wrapped is null and destroyed_at is not null") == 1);
    fixture.run(one.keys.destroy(ada));
    CHECK(rows_of(fixture, "true") == 1);
}

TEST_CASE("erasing a person who never had a key forbids one", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    const events::user_id ada = new_person();
    fixture.run(one.keys.destroy(ada));
    CHECK_THROWS_AS(fixture.run(one.keys.create(ada)), infra::no_person_key);
}

TEST_CASE("a key that another node makes is found, though it was missed before", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    node other(fixture, make_master(1));
    const events::user_id ada = new_person();
    fixture.run(other.keys.load({ada}));
    CHECK_THROWS_AS(other.keys.seal(ada, "text"), infra::no_person_key);
    fixture.run(one.keys.create(ada));
    const events::personal name = one.keys.seal(ada, "Ada");
    fixture.run(other.keys.load({ada}));
    CHECK(other.keys.open(name) == "Ada");
}

TEST_CASE("a key that left memory is loaded again", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1), 2);
    std::vector<events::user_id> persons{new_person(), new_person(), new_person()};
    for (const events::user_id& person : persons) {
        fixture.run(one.keys.create(person));
    }
    CHECK_THROWS_AS(one.keys.seal(persons[0], "text"), std::logic_error);
    fixture.run(one.keys.load({persons[0]}));
    CHECK_NOTHROW(one.keys.seal(persons[0], "text"));
}

TEST_CASE("no key is in the database in the clear, nor opens elsewhere", "[key_store]") {
    postgres_fixture fixture;
    node one(fixture, make_master(1));
    const events::user_id ada = new_person();
    const events::user_id bob = new_person();
    fixture.run(one.keys.create(ada));
    fixture.run(one.keys.create(bob));

    node stranger(fixture, make_master(2));
    CHECK_THROWS_WITH(fixture.run(stranger.keys.load({ada})), Catch::Contains(to_string(ada)));

    // Somebody who can write rows cannot give one person the key of another.
    fixture.session().execute(
        "update identity_private.person_keys k set wrapped = o.wrapped "
        "from identity_private.person_keys o where o.person <> k.person"
    );
    node reader(fixture, make_master(1));
    CHECK_THROWS_AS(fixture.run(reader.keys.load({ada})), std::runtime_error);
}

}  // namespace teamflow::tests
