#include "projections/read_position.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <boost/asio/io_context.hpp>

#include "projections/statements.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using namespace std::chrono_literals;

struct waiting {
    boost::asio::io_context io{1};
    read_position positions;
    std::optional<bool> outcome;

    void wait_for(
        std::vector<std::string> names,
        std::vector<events::position> wanted,
        std::chrono::steady_clock::duration limit = 1h
    ) {
        infra::asio::co_spawn(
            io,
            positions.wait_for(
                std::move(names), std::move(wanted), std::chrono::steady_clock::now() + limit
            ),
            [this](const std::exception_ptr&, bool held) { outcome = held; }
        );
        poll();
    }

    void poll() {
        io.restart();
        io.poll();
    }

    void advance(std::string_view projection, events::position reached) {
        positions.advance(projection, {&reached, 1});
        poll();
    }
};

}  // namespace

TEST_CASE_METHOD(waiting, "what was read already needs no wait", "[projections]") {
    advance("tasks", {0, 7});
    wait_for({"tasks"}, {{0, 7}});
    CHECK(outcome == true);
}

TEST_CASE_METHOD(waiting, "a wait ends when every projection has read it all", "[projections]") {
    wait_for({"tasks", "timers"}, {{0, 7}, {1, 2}});
    advance("tasks", {0, 8});
    advance("timers", {1, 2});
    advance("tasks", {1, 2});
    advance("timers", {0, 6});
    CHECK_FALSE(outcome);
    advance("timers", {0, 7});
    CHECK(outcome == true);
}

TEST_CASE_METHOD(waiting, "a wait ends at its deadline", "[projections]") {
    wait_for({"tasks"}, {{0, 7}}, -1ms);
    CHECK(outcome == false);
    wait_for({"tasks"}, {{0, 7}}, 1ms);
    io.restart();
    io.run();
    CHECK(outcome == false);
}

TEST_CASE_METHOD(waiting, "older news changes nothing", "[projections]") {
    advance("tasks", {0, 7});
    advance("tasks", {0, 5});
    CHECK(positions.reached("tasks", 0) == 7);
}

TEST_CASE_METHOD(waiting, "a restored position may lie further back", "[projections]") {
    advance("tasks", {0, 7});
    const events::position back{0, 3};
    positions.restore("tasks", {&back, 1});
    CHECK(positions.reached("tasks", 0) == 3);
    wait_for({"tasks"}, {{0, 5}});
    CHECK_FALSE(outcome);
    advance("tasks", {0, 5});
    CHECK(outcome == true);
}

TEST_CASE_METHOD(waiting, "nothing is known before the first news", "[projections]") {
    CHECK_FALSE(positions.reached("tasks", 0));
    advance("tasks", {0, 7});
    CHECK_FALSE(positions.reached("tasks", 1));
    const std::vector<std::string> both{"tasks", "timers"};
    CHECK_FALSE(positions.reached_by_all(both, 0));
    advance("timers", {0, 4});
    CHECK(positions.reached_by_all(both, 0) == 4);
    positions.forget();
    CHECK_FALSE(positions.reached_by_all(both, 0));
}

TEST_CASE_METHOD(waiting, "notices say what projectors say", "[projections]") {
    const std::vector<events::position> reached{{0, 7}, {3, 120}};
    const auto notice = progress_notice("tasks", reached);
    CHECK(notice == "tasks 0@7,3@120");
    CHECK(positions.notice(notice));
    CHECK(positions.reached("tasks", 0) == 7);
    CHECK(positions.reached("tasks", 3) == 120);
    CHECK(positions.notice(restart_notice("tasks")));
    CHECK_FALSE(positions.reached("tasks", 0));
    CHECK_FALSE(positions.notice("tasks"));
    CHECK_FALSE(positions.notice("tasks x@7"));
    CHECK_FALSE(positions.notice(""));
}

TEST_CASE("the line of waiters is bounded", "[projections]") {
    boost::asio::io_context io{1};
    read_position positions(1);
    std::vector<bool> outcomes;
    for (int i = 0; i < 2; ++i) {
        infra::asio::co_spawn(
            io,
            positions.wait_for({"tasks"}, {{0, 7}}, std::chrono::steady_clock::now() + 1h),
            [&](const std::exception_ptr&, bool held) { outcomes.push_back(held); }
        );
    }
    io.poll();
    REQUIRE(outcomes == std::vector{false});
    const events::position reached{0, 7};
    positions.advance("tasks", {&reached, 1});
    io.run();
    CHECK(outcomes == std::vector{false, true});
}
