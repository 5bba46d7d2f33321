#include <vector>

#include <catch2/catch.hpp>

#include "events/record.hpp"

using namespace teamflow;

TEST_CASE("positions: a list is read as it is written", "[position]") {
    const auto list = events::parse_positions("3@120,7@-1");
    REQUIRE(list);
    CHECK(*list == std::vector<events::position>{{3, 120}, {7, -1}});
    CHECK(to_string(list->front()) == "3@120");
    CHECK(to_string(list->back()) == "7@-1");
}

TEST_CASE("positions: anything else is none", "[position]") {
    for (const auto* text :
         {"", "3", "3@", "@3", "3@x", "3@-2", "-1@3", "3@1,", ",3@1", "3@1,3@2", "3@ 1", "3@1 "}) {
        CAPTURE(text);
        CHECK_FALSE(events::parse_positions(text));
    }
}
