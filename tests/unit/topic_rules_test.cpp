#include "infra/kafka/topic_rules.hpp"

#include <catch2/catch.hpp>

#include "infra/kafka/settings.hpp"

namespace teamflow::infra::kafka {

namespace {

/// The topic as a cluster would describe it after it was made by this plan.
topic_state made(const topic_plan& plan, std::int32_t replicas) {
    topic_state state{.partitions = plan.partitions, .replicas = replicas, .config = {}};
    state.config["flush.messages"] = "9223372036854775807";
    for (const auto& [name, value] : topic_config(plan, replicas)) {
        state.config[name] = value;
    }
    return state;
}

}  // namespace

TEST_CASE("brokers that are away are no reason for fewer replicas", "[kafka]") {
    const topic_plan plan;
    CHECK(brokers_named("a:1") == 1);
    CHECK(brokers_named("a:1,b:1,c:1") == 3);
    CHECK(replicas_for(plan, 1, 1) == 1);
    CHECK(replicas_for(plan, 1, 3) == 3);
    CHECK(replicas_for(plan, 2, 1) == 3);
    CHECK(replicas_for(plan, 2, 2) == 3);
    CHECK(replicas_for(plan, 3, 1) == 3);
    CHECK(replicas_for(plan, 5, 5) == 3);
    for (const std::int32_t asked : {1, 2, 3, 5}) {
        CHECK(replicas_for({.replicas = asked}, 1, 1) == asked);
        CHECK(replicas_for({.replicas = asked}, 3, 3) == asked);
    }
}

TEST_CASE("what one broker confirms is on its disk, or on another one, too", "[kafka]") {
    const topic_plan plan;
    for (const std::int32_t replicas : {1, 2}) {
        const auto state = made(plan, replicas);
        CHECK(state.config.at("flush.messages") == "1");
        CHECK(state.config.at("min.insync.replicas") == "1");
        CHECK(topic_faults(state, plan.partitions).empty());
        CHECK(topic_risks(state).empty());
    }
    for (const auto& [replicas, in_sync] : {std::pair(3, "2"), std::pair(4, "3"), {5, "3"}}) {
        const auto state = made(plan, replicas);
        CHECK(state.config.at("flush.messages") != "1");
        CHECK(state.config.at("min.insync.replicas") == in_sync);
        CHECK(topic_faults(state, plan.partitions).empty());
        CHECK(topic_risks(state).empty());
    }
}

TEST_CASE("a topic that may lose what it confirmed is told of", "[kafka]") {
    for (const std::int32_t replicas : {1, 2}) {
        auto state = made({.flush_each_record = false}, replicas);
        CHECK(topic_faults(state, 12).empty());
        REQUIRE(topic_risks(state).size() == 1);
        CHECK_THAT(topic_risks(state).front(), Catch::Contains("Set flush.messages=1"));
        state.config["min.insync.replicas"] = "2";
        CHECK(topic_risks(state).empty());
    }
    auto state = made({}, 3);
    state.config["min.insync.replicas"] = "1";
    REQUIRE(topic_faults(state, 12).size() == 1);
    CHECK(topic_faults(state, 12).front() == "min.insync.replicas is 1 and must be at least 2");
    CHECK(topic_risks(state).size() == 1);
    state.config.erase("min.insync.replicas");
    CHECK(topic_faults(state, 12).size() == 1);
}

}  // namespace teamflow::infra::kafka
