#include "tests/unit/ownership_model.hpp"

#include <array>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "tests/unit/simulated_log.hpp"

using namespace teamflow::tests;

namespace {

std::vector<std::uint64_t> schedule_from(std::uint64_t seed, std::size_t steps) {
    dice chance(seed);
    std::vector<std::uint64_t> choices(steps);
    for (auto& choice : choices) {
        choice = chance.number();
    }
    return choices;
}

/// How many of `runs` schedules show a violation.
std::size_t caught(rule_change change, std::uint64_t runs) {
    std::size_t violations = 0;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        const auto result = run_ownership_model(schedule_from(seed, 300), change);
        violations += result.violation ? 1 : 0;
    }
    return violations;
}

}  // namespace

TEST_CASE("ownership: any schedule keeps every invariant") {
    const auto schedules = rc::gen::resize(300, rc::gen::arbitrary<std::vector<std::uint64_t>>());
    auto params = rc::detail::configuration().testParams;
    params.maxSuccess = 1000;
    const auto holds = [&] {
        const auto choices = *schedules;
        const auto result = run_ownership_model(choices, rule_change::none);
        if (result.violation) {
            RC_FAIL(*result.violation);
        }
    };
    const auto result = rc::detail::checkTestable(holds, rc::detail::TestMetadata{}, params);
    INFO(result);
    CHECK(result.template is<rc::detail::SuccessResult>());
}

TEST_CASE("ownership: long schedules keep every invariant, and everything happens in them") {
    model_result sum;
    for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
        const auto result = run_ownership_model(schedule_from(seed, 400), rule_change::none);
        if (result.violation) {
            FAIL("seed " << seed << ": " << *result.violation);
        }
        sum.acknowledged += result.acknowledged;
        sum.refused += result.refused;
        sum.ghosts += result.ghosts;
        sum.claims += result.claims;
        sum.discarded += result.discarded;
    }
    CHECK(sum.acknowledged > 100'000);
    CHECK(sum.refused > 10'000);
    CHECK(sum.ghosts > 10'000);
    CHECK(sum.claims > 10'000);
    CHECK(sum.discarded > 1'000);
}

TEST_CASE("ownership: each rule is needed, for without it the checks fail") {
    constexpr std::array needed = {
        std::pair(rule_change::no_sequence, "the sequence number"),
        std::pair(rule_change::counter_as_epoch, "offset and uuid as the epoch"),
        std::pair(rule_change::no_density, "density of acknowledged offsets"),
        std::pair(rule_change::decide_before_the_claim, "reading up to the own claim"),
        std::pair(rule_change::refuse_on_time_out, "no verdict on a time-out"),
        std::pair(rule_change::torn_commits, "commits whole or not at all"),
        std::pair(rule_change::checkpoint_anywhere, "checkpoints between commits"),
    };
    for (const auto& [change, rule] : needed) {
        INFO("without " << rule);
        CHECK(caught(change, 200) > 5);
    }
}
