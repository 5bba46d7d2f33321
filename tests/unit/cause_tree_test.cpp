#include "query/cause_tree.hpp"

#include <catch2/catch.hpp>

namespace teamflow::tests {

namespace {

events::uuid id(std::uint8_t number) {
    events::uuid made{};
    made.data[15] = number;
    return made;
}

query::event_view event(std::uint8_t number, std::optional<std::uint8_t> caused_by = {}) {
    query::event_view made;
    made.id = events::event_id{id(number)};
    if (caused_by) {
        made.causation_id = id(*caused_by);
    }
    return made;
}

/// Each event with as many dashes as lie above it.
std::string told(const std::vector<query::event_view>& events) {
    std::string text;
    for (const auto& each : query::cause_tree(events)) {
        text += text.empty() ? "" : " ";
        text += std::string(static_cast<std::size_t>(each.depth), '-');
        text += std::to_string(each.id.value.data[15]);
    }
    return text;
}

}  // namespace

TEST_CASE("events of one request stand side by side", "[causes]") {
    CHECK(told({}).empty());
    CHECK(told({event(1), event(2), event(3)}) == "1 2 3");
}

TEST_CASE("what an event led to follows it", "[causes]") {
    CHECK(
        told({event(1), event(2), event(3, 1), event(4, 3), event(5, 2), event(6, 1)}) ==
        "1 -3 --4 -6 2 -5"
    );
    // Of one instant, in another partition.
    CHECK(told({event(1, 2), event(2), event(3)}) == "2 -1 3");
}

TEST_CASE("no event is lost, whatever it names as its cause", "[causes]") {
    CHECK(told({event(1, 1), event(2, 9), event(3, 4), event(4, 3)}) == "2 1 3 -4");
}

}  // namespace teamflow::tests
