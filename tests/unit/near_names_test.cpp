#include "events/near_names.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace teamflow::tests {

using events::did_you_mean;
using events::did_you_mean_type;
using events::near_names;

namespace {

using names = std::vector<std::string_view>;

constexpr std::array<std::string_view, 5> known{
    "task.task_created", "task.task_edited", "task.task_deleted", "time.timer_started", "id"
};

}  // namespace

TEST_CASE("a slip of the fingers leads to the name that was meant", "[near_names]") {
    CHECK(near_names("task.task_creatd", known) == names{"task.task_created"});
    CHECK(near_names("time.timer_start", known) == names{"time.timer_started"});
    CHECK(near_names("ie", known) == names{"id"});
}

TEST_CASE("the nearest name comes first, and what is much farther is left out", "[near_names]") {
    constexpr std::array<std::string_view, 3> some{"task.xyzzy", "task.edit", "task.edited"};
    CHECK(near_names("task.edite", some) == names{"task.edit", "task.edited"});
    CHECK(near_names("task.edited", some) == names{"task.edited"});
    CHECK(near_names("Task.Xyzzy", some) == names{"task.xyzzy"});
}

TEST_CASE("a name without its family is near", "[near_names]") {
    CHECK(near_names("timer_started", known) == names{"time.timer_started"});
    CHECK(near_names("started", known).empty());
}

TEST_CASE("what is far from all is near to none", "[near_names]") {
    CHECK(near_names("organization.member_changed", known).empty());
    CHECK(near_names("", known).empty());
    CHECK(near_names(std::string(101, 'x'), std::array{std::string_view("x")}).empty());
    CHECK(did_you_mean("organization.member_changed", known).empty());
}

TEST_CASE("near names end a sentence", "[near_names]") {
    constexpr std::array<std::string_view, 4> some{"aab", "aac", "aad", "aae"};
    CHECK(did_you_mean("xaab", std::array{std::string_view("aab")}) == "; did you mean aab?");
    CHECK(did_you_mean("aa", some) == "; did you mean aab, aac or aad?");
    CHECK(did_you_mean_type("time.timer_stoped") == "; did you mean time.timer_stopped?");
}

}  // namespace teamflow::tests
