#include "infra/crypto/random.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "tests/support/manual_clock.hpp"

namespace teamflow::infra {

namespace {

using tests::manual_clock;
using tests::seeded_random;
using namespace std::chrono_literals;

constexpr events::timestamp start{1'763'717'400'000ms};

}  // namespace

TEST_CASE("the system's random bytes differ from call to call") {
    system_random random;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(random.bytes(16));
    }
    CHECK(seen.size() == 100);
    CHECK(random.bytes(0).empty());
}

TEST_CASE("UUIDv7 carry the time, the version and the variant") {
    const manual_clock time(start);
    seeded_random random(1);
    uuid_v7_source ids(time, random);
    const events::uuid id = ids.next();
    CHECK(events::unix_ms_of(id) == start.time_since_epoch().count());
    CHECK(id.data[6] >> 4U == 7);
    CHECK(id.data[8] >> 6U == 2);
}

TEST_CASE("UUIDv7 grow within a millisecond, over many of them and when the clock steps back") {
    manual_clock time(start);
    seeded_random random(2);
    uuid_v7_source ids(time, random);
    events::uuid last = ids.next();
    const auto next_grows = [&] {
        const events::uuid next = ids.next();
        const bool grows = last < next;
        last = next;
        return grows;
    };
    bool always = true;
    for (int i = 0; i < 100'000; ++i) {
        always = always && next_grows();
    }
    CHECK(always);
    CHECK(events::unix_ms_of(last) == start.time_since_epoch().count());
    time.set(start - 1h);
    CHECK(next_grows());
    time.set(start + 1ms);
    CHECK(next_grows());
    CHECK(events::unix_ms_of(last) == (start + 1ms).time_since_epoch().count());
}

TEST_CASE("UUIDv7 of two sources at the same moment differ") {
    const manual_clock time(start);
    system_random random;
    uuid_v7_source one(time, random);
    uuid_v7_source other(time, random);
    std::set<events::uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(one.next());
        seen.insert(other.next());
    }
    CHECK(seen.size() == 2000);
}

TEST_CASE("a source gives strong types too") {
    const system_clock time;
    system_random random;
    uuid_v7_source ids(time, random);
    CHECK_FALSE(ids.next<events::task_id>().is_nil());
}

}  // namespace teamflow::infra
