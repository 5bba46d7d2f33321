#include "commands/ranks.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace teamflow;
using commands::rank_at_end;
using commands::rank_between;

namespace {

bool is_rank(const std::string& rank) {
    return !rank.empty() && rank.back() != '0' &&
           rank.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == std::string::npos;
}

events::timestamp at_ms(std::int64_t ms) {
    return events::timestamp(std::chrono::milliseconds(ms));
}

}  // namespace

TEST_CASE("a rank at the end comes after every earlier one") {
    CHECK(rc::check([](std::uint32_t earlier, std::uint16_t step, std::uint64_t a, std::uint64_t b
                    ) {
        const auto first = rank_at_end(at_ms(earlier), a);
        const auto second = rank_at_end(at_ms(std::int64_t{earlier} + step + 1), b);
        RC_ASSERT(is_rank(first));
        RC_ASSERT(first.size() == 14U);
        RC_ASSERT(first < second);
    }));
}

TEST_CASE("a clock before 1970 or after 5188 still makes ranks") {
    CHECK(is_rank(rank_at_end(at_ms(-5), 0)));
    CHECK(is_rank(rank_at_end(events::timestamp::max(), 0)));
}

TEST_CASE("any sequence of moves keeps places strictly ordered and grows a digit at a time") {
    CHECK(rc::check([](const std::vector<std::uint8_t>& moves) {
        std::vector<std::string> column{rank_at_end(at_ms(1'700'000'000'000), 7)};
        for (const std::uint8_t move : moves) {
            const std::size_t at = move % (column.size() + 1);
            const std::string lower = at == 0 ? "" : column[at - 1];
            const std::string upper = at == column.size() ? "" : column[at];
            const std::string made = rank_between(lower, upper);
            RC_ASSERT(is_rank(made));
            RC_ASSERT(lower < made);
            RC_ASSERT(upper.empty() || made < upper);
            RC_ASSERT(made.size() <= std::max(lower.size(), upper.size()) + 1);
            column.insert(column.begin() + static_cast<std::ptrdiff_t>(at), made);
        }
    }));
}

TEST_CASE("ten thousand moves to the top or to the end do not make ranks longer") {
    std::string top = rank_at_end(at_ms(1'700'000'000'000), 1);
    std::string end = top;
    for (int i = 0; i < 10'000; ++i) {
        const std::string higher = rank_between("", top);
        const std::string lower = rank_between(end, "");
        REQUIRE(higher < top);
        REQUIRE(end < lower);
        top = higher;
        end = lower;
    }
    CHECK(top.size() <= 14);
    CHECK(end.size() <= 14);
}

TEST_CASE("the extremes of the ranks have neighbours too") {
    const std::string lowest = rank_between("", "000000000i");
    CHECK(lowest < "000000000i");
    CHECK(is_rank(lowest));
    const std::string highest = rank_between("zzzzzzzzzz", "");
    CHECK(highest > "zzzzzzzzzz");
    CHECK(is_rank(rank_between("", "")));
    CHECK(rank_between("", "1") < "1");
}
