#include <catch2/catch.hpp>

#include "commands/task.hpp"
#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

move_task move(task_id id, const std::string& members = {}) {
    return command_on<move_task>("task_id", id, members);
}

std::string quoted(const auto& id) {
    return "'" + to_string(id) + "'";
}

std::string rank_of(task_id id) {
    return task_in(id).rank;
}

/// page, menu and form, in this order, to do.
tests::scenario column() {
    return desk().given(task_in(form));
}

timer_started timer_on(task_id task, user_id user, std::uint8_t n) {
    return {make_id<time_log_id>(n), task, site, user, noon(), {}, {}, true};
}

}  // namespace

TEST_CASE("any status may follow any other, each change under its name") {
    for (const auto from :
         {task_status::todo,
          task_status::in_progress,
          task_status::in_review,
          task_status::done,
          task_status::cancelled}) {
        for (const auto to :
             {task_status::todo,
              task_status::in_progress,
              task_status::in_review,
              task_status::done,
              task_status::cancelled}) {
            auto task = task_in(page);
            task.status = from;
            auto before = office();
            before.given(task);
            const auto name = std::string(json::enum_name(to));
            INFO("to " << name);
            for (const auto& done :
                 {before.when(move(page, "'status':'" + name + "'")),
                  before.when(command_on<edit_task>("task_id", page, "'status':'" + name + "'"))}) {
                if (from == to) {
                    done.then_nothing();
                } else if (to == task_status::done) {
                    CHECK(done.only<task_completed>().from == from);
                } else if (from == task_status::done && is_open(to)) {
                    CHECK(done.only<task_reopened>().to == to);
                } else {
                    CHECK(done.only<task_moved>().to == to);
                }
            }
        }
    }
}

TEST_CASE("a task goes between its new neighbours") {
    const auto before = column();
    const auto request = move(form, "'after_id':" + quoted(page) + ",'before_id':" + quoted(menu));
    const auto done = before.when(request);
    const auto rank = done.only<task_moved>().rank;
    done.then(task_moved{form, site, {}, task_status::todo, task_status::todo, rank});
    CHECK(rank_of(page) < rank);
    CHECK(rank < rank_of(menu));
    CHECK(done.reply(request).version == 2);
}

TEST_CASE("a task that lies between its neighbours already does not move") {
    column()
        .when(move(menu, "'after_id':" + quoted(page) + ",'before_id':" + quoted(form)))
        .then_nothing();
    column().when(move(menu)).then_nothing();
}

TEST_CASE("one neighbour is enough at the ends of a column") {
    const auto first = column().when(move(form, "'before_id':" + quoted(page)));
    CHECK(first.only<task_moved>().rank < rank_of(page));
    const auto last = column().when(move(page, "'after_id':" + quoted(form)));
    CHECK(last.only<task_moved>().rank > rank_of(form));
}

TEST_CASE("the board's word about the other neighbour keeps the task directly beside the one named"
) {
    auto after = move(form, "'after_id':" + quoted(page));
    after.neighbour_rank = rank_of(menu);
    const auto placed = column().when(after).only<task_moved>().rank;
    CHECK(rank_of(page) < placed);
    CHECK(placed < rank_of(menu));
    auto there = move(menu, "'before_id':" + quoted(form));
    there.neighbour_rank = rank_of(page);
    column().when(there).then_nothing();
}

TEST_CASE("a task changes column and finds its place there") {
    auto other = task_in(form);
    other.status = task_status::in_review;
    auto before = desk();
    before.given(other);
    const auto done = before.when(move(page, "'status':'in_review','before_id':" + quoted(form)));
    CHECK(done.only<task_moved>().to == task_status::in_review);
    CHECK(done.only<task_moved>().rank < rank_of(form));
}

TEST_CASE("neighbours are other tasks of the column, in their order") {
    column().when(move(page, "'after_id':" + quoted(page))).refused_field("after_id", "itself");
    column()
        .when(move(page, "'before_id':" + quoted(no_task)))
        .refused_field("before_id", "not_found");
    column()
        .when(move(page, "'status':'done','after_id':" + quoted(menu)))
        .refused_field("after_id", "not_found");
    column()
        .when(move(page, "'after_id':" + quoted(form) + ",'before_id':" + quoted(menu)))
        .refused_field("before_id", "wrong_order");
    auto before = column();
    before.given(task_in(make_id<task_id>(33), shop));
    before.when(move(page, "'after_id':" + quoted(make_id<task_id>(33))))
        .refused_field("after_id", "not_found");
}

TEST_CASE("between two tasks that came in the same millisecond a task goes behind both") {
    auto before = office();
    auto twin = task_in(menu);
    twin.rank = rank_of(page);
    before.given(task_in(page), twin, task_in(form));
    const auto done =
        before.when(move(form, "'after_id':" + quoted(page) + ",'before_id':" + quoted(menu)));
    CHECK(done.only<task_moved>().rank > twin.rank);
}

TEST_CASE("deleting a task discards its running timers in the same commit") {
    auto before = desk();
    before.given(timer_on(page, bob, 50), timer_on(page, bea, 51), timer_on(menu, bob, 52));
    before.when(delete_task{page})
        .then(
            timer_discarded{make_id<time_log_id>(50), page, site, bob, noon()},
            timer_discarded{make_id<time_log_id>(51), page, site, bea, noon()},
            task_deleted{page, site, task_status::todo, {}}
        );
}

TEST_CASE("a deleted task comes back as it was") {
    auto before = office();
    auto task = task_in(page);
    task.status = task_status::in_review;
    task.assignee_id = bea;
    before.given(task, task_deleted{page, site, task_status::in_review, bea});
    const auto done = before.when(restore_task{page});
    done.then(task_restored{page, site, task_status::in_review, bea});
    CHECK(done.reply(restore_task{page}).version == 3);
    before.given(task_restored{page, site, task_status::in_review, bea});
    before.when(restore_task{page}).then_nothing();
}

TEST_CASE("a task does not come back into a closed project") {
    auto before = desk();
    before.given(task_deleted{page, site, task_status::todo, {}}, project_archived{site});
    before.when(restore_task{page}).refused(refusal_code::task_closed);
}
