#include "query/observer.hpp"

#include <catch2/catch.hpp>

using namespace teamflow;
using namespace std::chrono_literals;
using query::follower_sample;
using query::health_state;

namespace {

constexpr events::timestamp start{1'795'000'000'000ms};

/// One follower seen again and again.
class watched {
public:
    query::follower_health at(std::chrono::milliseconds when, follower_sample sample) {
        sample.name = "partition 0";
        seen_.see(start + when, std::vector{std::move(sample)});
        return seen_.all().front();
    }

private:
    query::observer seen_{5s, 3s};
};

follower_sample owned(std::int64_t reached, std::optional<std::int64_t> behind) {
    return {.name = {}, .behind = behind, .reached = reached, .parked = 0, .unattended = {}};
}

follower_sample ownerless(std::int64_t reached) {
    return {.name = {}, .behind = 0, .reached = reached, .parked = 0, .unattended = "it"};
}

}  // namespace

TEST_CASE("what is at the log's end has caught up since it got there", "[observer]") {
    watched it;
    CHECK(it.at(0s, owned(5, 2)).state == health_state::moving);
    CHECK(it.at(1s, owned(7, 0)).state == health_state::caught_up);
    const auto later = it.at(60s, owned(7, 0));
    CHECK(later.state == health_state::caught_up);
    CHECK(later.since == start + 1s);
}

TEST_CASE("what is behind and stands still is stalled after the patience", "[observer]") {
    watched it;
    CHECK(it.at(0s, owned(5, 0)).state == health_state::caught_up);
    CHECK(it.at(1s, owned(5, 3)).state == health_state::moving);
    CHECK(it.at(4s, owned(5, 9)).state == health_state::moving);
    const auto stalled = it.at(5s, owned(5, 9));
    CHECK(stalled.state == health_state::stalled);
    CHECK(stalled.since == start + 5s);
    CHECK(stalled.reason == "9 records behind the log's end, and has not moved for 5 s");
}

TEST_CASE("what moves is not stalled, however far behind", "[observer]") {
    watched it;
    for (int second = 0; second < 60; ++second) {
        const auto seen = it.at(std::chrono::seconds(second), owned(second, 1'000'000));
        CHECK(seen.state == health_state::moving);
        CHECK(seen.since == start);
    }
}

TEST_CASE("an idle time at the end does not count as standing still", "[observer]") {
    watched it;
    it.at(0s, owned(5, 0));
    it.at(3600s, owned(5, 0));
    CHECK(it.at(3601s, owned(5, 4)).state == health_state::moving);
}

TEST_CASE("nobody at work outweighs everything, and the change of owner is timed", "[observer]") {
    watched it;
    CHECK_FALSE(it.at(0s, owned(5, 0)).last_take_over_ms);
    it.at(1s, ownerless(5));
    const auto alone = it.at(4s, ownerless(5));
    CHECK(alone.state == health_state::ownerless);
    CHECK(alone.since == start + 1s);
    CHECK(it.at(6s, ownerless(5)).since == start + 1s);
    const auto taken = it.at(7s, owned(6, 0));
    CHECK(taken.state == health_state::caught_up);
    CHECK(taken.last_take_over_ms == 6000);
    CHECK(it.at(8s, owned(6, 0)).last_take_over_ms == 6000);
}

TEST_CASE("a first owner is timed from the first look on", "[observer]") {
    watched it;
    CHECK(it.at(0s, ownerless(0)).state == health_state::moving);
    const auto owned_now = it.at(2s, owned(0, 0));
    CHECK(owned_now.state == health_state::caught_up);
    CHECK(owned_now.last_take_over_ms == 2000);
}

TEST_CASE("what only changes hands is not ownerless", "[observer]") {
    watched it;
    CHECK(it.at(0s, owned(5, 0)).state == health_state::caught_up);
    const auto between = it.at(1s, ownerless(5));
    CHECK(between.state == health_state::moving);
    CHECK(between.reason == "no process has taken over it yet");
    CHECK(it.at(3s, ownerless(5)).since == start + 1s);
    CHECK(it.at(3900ms, owned(5, 0)).last_take_over_ms == 2900);
    // The next time counts from its own begin.
    CHECK(it.at(4s, ownerless(5)).state == health_state::moving);
    CHECK(it.at(6s, ownerless(5)).state == health_state::moving);
    CHECK(it.at(7s, ownerless(5)).state == health_state::ownerless);
}

TEST_CASE("parked events are told even at the end", "[observer]") {
    watched it;
    auto sample = owned(5, 0);
    sample.parked = 2;
    const auto seen = it.at(0s, sample);
    CHECK(seen.state == health_state::parked);
    CHECK(seen.reason == "2 events wait for an operator");
}

TEST_CASE("what stands still is not said to go on without what is parked", "[observer]") {
    watched it;
    auto sample = owned(5, 3);
    sample.parked = 2;
    CHECK(it.at(0s, sample).state == health_state::parked);
    const auto stalled = it.at(5s, sample);
    CHECK(stalled.state == health_state::stalled);
    CHECK(
        stalled.reason ==
        "3 records behind the log's end, and has not moved for 5 s; 2 events wait for an operator"
    );
    sample.reached = 6;
    CHECK(it.at(6s, sample).state == health_state::parked);
    sample.behind = std::nullopt;
    CHECK(it.at(7s, sample).state == health_state::stalled);
}

TEST_CASE("an end that cannot be asked for is no good health", "[observer]") {
    watched it;
    CHECK(it.at(0s, owned(5, std::nullopt)).state == health_state::stalled);
    // Nobody could have moved meanwhile.
    CHECK(it.at(60s, owned(5, std::nullopt)).state == health_state::stalled);
    CHECK(it.at(61s, owned(5, 1)).state == health_state::moving);
}

TEST_CASE("what is gone is forgotten", "[observer]") {
    query::observer seen(5s, 3s);
    seen.see(start, std::vector{follower_sample{.name = "a"}, follower_sample{.name = "b"}});
    seen.see(start + 1s, std::vector{follower_sample{.name = "b"}});
    REQUIRE(seen.all().size() == 1);
    CHECK(seen.all().front().subject == "b");
    CHECK(seen.all().front().since == start);
}
