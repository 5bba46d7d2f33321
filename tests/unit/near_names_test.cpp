#include "events/near_names.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "projections/all.hpp"

namespace teamflow::tests {

using events::did_you_mean;
using events::did_you_mean_stream;
using events::did_you_mean_type;
using events::is_stream_name;
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

TEST_CASE("names of streams are known by their kind", "[near_names]") {
    const std::string id = "01936f3c-7b1a-7000-8000-000000000005";
    CHECK(is_stream_name("task-" + id));
    CHECK(is_stream_name("template-usage-" + id));
    CHECK(is_stream_name("email-00ff"));
    CHECK(is_stream_name("read-model-tasks"));
    CHECK_FALSE(is_stream_name("task-7"));
    CHECK_FALSE(is_stream_name("taks-" + id));
    CHECK_FALSE(is_stream_name(""));
    CHECK(did_you_mean_stream("taks-" + id) == "; did you mean task?");
    CHECK(did_you_mean_stream("templat-usage-" + id) == "; did you mean template?");
    CHECK(did_you_mean_stream("task-7").empty());
    CHECK(did_you_mean_stream("7").empty());
}

TEST_CASE("read models and tables are told by near names, or else all of them", "[near_names]") {
    CHECK(
        projections::no_projection("taks") == "there is no read model 'taks'; did you mean tasks?"
    );
    CHECK(projections::no_projection("xyzzy").contains("; there are organizations, users, "));
    CHECK(projections::no_table("taks.bord").contains("did you mean tasks.board?"));
    CHECK(projections::no_table("boards").contains("did you mean board?"));
    CHECK(projections::no_table("xyzzyxyzzy").contains("time_log"));
    CHECK(projections::find("taks") == nullptr);
    CHECK(projections::find("tasks")->name == "tasks");
    CHECK(projections::find_table("board").what->name == "tasks");
    CHECK(projections::find_table("users.board").table == nullptr);
}

}  // namespace teamflow::tests
