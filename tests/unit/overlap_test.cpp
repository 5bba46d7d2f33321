// What a timesheet says of time that was logged twice.

#include "query/overlap.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace teamflow;
using namespace teamflow::events;
using query::logged_span;
using query::overlaps_of;

namespace {

uuid number(std::uint8_t n) {
    uuid made{};
    made.data[15] = n;
    return made;
}

logged_span span_of(std::uint8_t name, std::int64_t from, std::int64_t to) {
    const timestamp zero{};
    return {
        .id = time_log_id{number(name)},
        .task_id = task_id{number(static_cast<std::uint8_t>(name + 100))},
        .start_time = zero + std::chrono::seconds(from),
        .end_time = zero + std::chrono::seconds(to)
    };
}

std::int64_t seconds_of(const std::vector<query::overlap>& overlaps) {
    return std::accumulate(
        overlaps.begin(),
        overlaps.end(),
        std::int64_t{0},
        [](std::int64_t sum, const query::overlap& each) { return sum + each.duration_seconds; }
    );
}

}  // namespace

TEST_CASE("logs that touch do not overlap", "[overlap]") {
    const std::vector logs{span_of(1, 0, 10), span_of(2, 10, 20), span_of(3, 15, 15)};
    CHECK(overlaps_of(logs).empty());
    CHECK(overlaps_of({}).empty());
}

TEST_CASE("an overlap names both logs and the time that they share", "[overlap]") {
    const std::vector logs{span_of(1, 0, 100), span_of(2, 10, 20), span_of(3, 90, 130)};
    const auto found = overlaps_of(logs);
    REQUIRE(found.size() == 2);
    CHECK(found[0].time_log_id == logs[1].id);
    CHECK(found[0].other_time_log_id == logs[0].id);
    CHECK(found[0].duration_seconds == 10);
    CHECK(found[1].time_log_id == logs[2].id);
    CHECK(found[1].task_id == logs[2].task_id);
    CHECK(found[1].other_time_log_id == logs[0].id);
    CHECK(found[1].other_task_id == logs[0].task_id);
    CHECK(found[1].start_time == logs[2].start_time);
    CHECK(found[1].end_time == logs[0].end_time);
    CHECK(found[1].duration_seconds == 10);
}

TEST_CASE("a log of the week before is overlapped with and not told of", "[overlap]") {
    std::vector logs{span_of(1, 0, 50), span_of(2, 10, 60), span_of(3, 20, 30)};
    logs[0].is_counted = false;
    logs[1].is_counted = false;
    const auto found = overlaps_of(logs);
    REQUIRE(found.size() == 1);
    CHECK(found[0].time_log_id == logs[2].id);
    CHECK(found[0].other_time_log_id == logs[1].id);
}

TEST_CASE("all logs last as long as the time they cover and their overlaps", "[overlap]") {
    CHECK(rc::check(
        "of any logs",
        [](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& drawn) {
            std::vector<logged_span> logs;
            std::set<std::int64_t> covered;
            std::int64_t total = 0;
            for (const auto& [from, length] : drawn) {
                const auto name = static_cast<std::uint8_t>(logs.size() % 100);
                const std::int64_t lasts = length % 40;
                logs.push_back(span_of(name, from, from + lasts));
                total += lasts;
                for (std::int64_t second = from; second < from + lasts; ++second) {
                    covered.insert(second);
                }
            }
            std::ranges::sort(logs, {}, &logged_span::start_time);
            const auto found = overlaps_of(logs);
            RC_ASSERT(total == std::ssize(covered) + seconds_of(found));
            for (const auto& each : found) {
                RC_ASSERT(each.start_time < each.end_time);
            }
        }
    ));
}
