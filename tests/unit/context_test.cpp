// What a decision takes from its context.
#include <catch2/catch.hpp>

#include "commands/decider.hpp"

namespace teamflow::commands {

namespace {

context of_seed(std::uint64_t seed) {
    context made;
    made.now = events::timestamp(std::chrono::milliseconds(1'795'000'000'000));
    made.seed = seed;
    return made;
}

}  // namespace

TEST_CASE("a decision knows the ids that it made itself", "[context]") {
    const auto mine = of_seed(7);
    const auto other = of_seed(8);
    for (const std::size_t n : {0U, 1U, 255U, 256U, 4095U}) {
        const auto id = mine.make_id<events::task_id>(n);
        CHECK(mine.has_made(id.value));
        CHECK_FALSE(other.has_made(id.value));
    }
    CHECK_FALSE(mine.has_made(events::uuid{}));
}

}  // namespace teamflow::commands
