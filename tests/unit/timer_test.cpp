#include <catch2/catch.hpp>

#include "commands/task.hpp"
#include "commands/time_log.hpp"
#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

const auto running = make_id<time_log_id>(50);
const auto other = make_id<time_log_id>(51);

start_timer start(task_id task, const std::string& members = {}) {
    return command_on<start_timer>("task_id", task, members);
}

timer_started started(
    time_log_id log, task_id task, user_id user, timestamp since = tests::noon()
) {
    return {log, task, site, user, since, {}, "review", false};
}

timer_stopped stopped(time_log_id log, task_id task, timestamp end, std::int64_t seconds) {
    return {log, task, site, bob, noon(), end, seconds, "review", false};
}

organization_settings_changed single_timer(bool on) {
    organization_settings_changed event;
    event.organization_id = the_organization;
    event.single_running_timer = on;
    return event;
}

}  // namespace

TEST_CASE("a timer starts with what is known about the work") {
    const auto before = desk();
    auto request = start(page, "'description':'Draft','category':' review ','is_billable':false");
    request.sealed_description = personal{bob, "sealed"};
    const auto done = before.when(request);
    const auto id = before.context().make_id<time_log_id>(0);
    done.then(timer_started{id, page, site, bob, noon(), personal{bob, "sealed"}, "review", false});
    CHECK(
        json::to_json(done.reply(request)) ==
        R"({"message":"Timer started","time_log_id":")" + to_string(id) + R"(","task_id":")" +
            to_string(page) + R"(","task_title":"Write it","user_id":")" + to_string(bob) +
            R"(","start_time":"2026-11-20T12:00:00.000Z","description":{"person":")" +
            to_string(bob) + R"(","sealed":"sealed"},"category":"review","is_billable":false})"
    );
}

TEST_CASE("work is billable and without category unless said otherwise") {
    const auto done = desk().when(start(page, "'category':'  '"));
    CHECK(done.only<timer_started>().is_billable);
    CHECK(!done.only<timer_started>().category);
    CHECK(!done.only<timer_started>().description);
}

TEST_CASE("all bad fields of a start are named at once") {
    CHECK(
        faults_of<start_timer>(
            "{'task_id':'" + to_string(page) + "','description':'" + std::string(1001, 'x') +
            "','category':'" + std::string(101, 'x') + "','is_billable':'yes','user_id':'x'}"
        ) ==
        std::vector<std::string>{
            "description:too_long",
            "category:too_long",
            "is_billable:wrong_type",
            "user_id:unknown_field"
        }
    );
}

TEST_CASE("one timer runs for a task and a user") {
    auto before = desk();
    before.given(started(running, page, bob));
    const auto done = before.when(start(page));
    done.refused(refusal_code::timer_already_running);
    before.when(start(menu))
        .then(timer_started{
            before.context().make_id<time_log_id>(0), menu, site, bob, noon(), {}, {}, true
        });
    CHECK(before.as(bea).when(start(page)).only<timer_started>().user_id == bea);
}

TEST_CASE("a timer starts on a task that is there and open for work") {
    desk().when(start(no_task)).refused(refusal_code::not_found);
    auto before = desk();
    before.given(
        task_deleted{page, site, task_status::todo, {}},
        task_completed{menu, site, {}, task_status::todo, task_status::done, "a"},
        task_in(form, attic)
    );
    before.when(start(page)).refused(refusal_code::task_closed);
    before.when(start(form)).refused(refusal_code::task_closed);
    CHECK(before.when(start(menu)).only<timer_started>().task_id == menu);
    before.given(project_deleted{site});
    before.when(start(menu)).refused(refusal_code::task_closed);
}

TEST_CASE("viewers start and stop nothing") {
    desk().as(vic).when(start(page)).refused(refusal_code::forbidden);
    desk().as(vic).when(stop_timer{page}).refused(refusal_code::forbidden);
    desk().as(vic).when(discard_timer{page}).refused(refusal_code::forbidden);
}

TEST_CASE("with single_running_timer a start stops the user's other timers in the same commit") {
    auto before = desk();
    before.given(single_timer(true), started(running, page, bob), started(other, page, bea));
    before.at(at("12:30:00.999"));
    const auto id = before.context().make_id<time_log_id>(0);
    before.when(start(menu))
        .then(
            stopped(running, page, at("12:30:00.999"), 1800),
            timer_started{id, menu, site, bob, at("12:30:00.999"), {}, {}, true}
        );
    before.when(start(page)).refused(refusal_code::timer_already_running);
    before.given(single_timer(false));
    CHECK(before.when(start(menu)).events().size() == 1);
}

TEST_CASE("a stopped timer counts whole seconds, and hours with two decimals") {
    auto before = desk();
    before.given(started(running, page, bob));
    before.at(at("13:40:00.999"));
    const auto done = before.when(stop_timer{page});
    done.then(stopped(running, page, at("13:40:00.999"), 6000));
    CHECK(
        json::to_json(done.reply(stop_timer{page})) ==
        R"({"message":"Timer stopped","time_log_id":")" + to_string(running) +
            R"(","start_time":"2026-11-20T12:00:00.000Z",)"
            R"("end_time":"2026-11-20T13:40:00.999Z","duration_seconds":6000,)"
            R"("duration_hours":1.67,"is_billable":false})"
    );
}

TEST_CASE("a clock that went back makes no negative time") {
    auto before = desk();
    before.given(started(running, page, bob));
    before.at(at("11:00:00"));
    before.when(stop_timer{page}).then(stopped(running, page, noon(), 0));
}

TEST_CASE("only one's own running timer can be stopped or discarded") {
    desk().when(stop_timer{page}).refused(refusal_code::no_active_timer);
    desk().when(discard_timer{no_task}).refused(refusal_code::no_active_timer);
    auto before = desk();
    before.given(started(running, page, bea));
    before.when(stop_timer{page}).refused(refusal_code::no_active_timer);
    before.as(adam).when(discard_timer{page}).refused(refusal_code::no_active_timer);
}

TEST_CASE("a stopped timer does not run any more") {
    auto before = desk();
    before.given(started(running, page, bob), stopped(running, page, noon(), 0));
    before.when(stop_timer{page}).refused(refusal_code::no_active_timer);
    CHECK(before.directory().timers().empty());
    CHECK(before.when(start(page)).events().size() == 1);
}

TEST_CASE("a discarded timer is as if it had never run") {
    auto before = desk();
    before.given(started(running, page, bob));
    const timer_discarded discarded{running, page, site, bob, noon()};
    before.when(discard_timer{page}).then(discarded);
    before.given(discarded);
    before.when(stop_timer{page}).refused(refusal_code::no_active_timer);
    before.when(delete_time_log{running}).refused(refusal_code::not_found);
}

TEST_CASE("a timer can be stopped whatever became of its task") {
    auto before = desk();
    before.given(started(running, page, bob), project_archived{site});
    CHECK(before.when(stop_timer{page}).only<timer_stopped>().duration_seconds == 0);
}

TEST_CASE("a timer that runs for a day is flagged, once") {
    auto before = desk();
    before.given(started(running, page, bob));
    const timer_flagged flagged{running, page, site, bob, noon()};
    before.as_system().at(noon() + std::chrono::hours(24) - std::chrono::milliseconds(1));
    before.when(flag_timer{running}).then_nothing();
    before.at(noon() + std::chrono::hours(24));
    before.when(flag_timer{running}).then(flagged);
    before.given(flagged);
    CHECK(before.directory().timers().front().flagged);
    before.when(flag_timer{running}).then_nothing();
    before.given(stopped(running, page, before.context().now, 86400));
    before.when(flag_timer{running}).then_nothing();
    before.when(flag_timer{other}).then_nothing();
}

TEST_CASE("a flagged timer that is put forward can be flagged again") {
    auto before = desk();
    before.given(started(running, page, bob), timer_flagged{running, page, site, bob, noon()});
    const auto later = noon() + std::chrono::hours(1);
    log_edited edit;
    edit.time_log_id = running;
    edit.task_id = page;
    edit.project_id = site;
    edit.user_id = bob;
    edit.start_time = later;
    edit.previous_start_time = noon();
    before.given(edit);
    CHECK(!before.directory().timers().front().flagged);
    CHECK(before.directory().timers().front().start_time == later);
    before.as_system().at(later + std::chrono::hours(24));
    CHECK(before.when(flag_timer{running}).only<timer_flagged>().start_time == later);
}

TEST_CASE("people do not flag timers") {
    auto before = desk();
    before.given(started(running, page, bob));
    before.as(bob).when(flag_timer{running}).refused(refusal_code::forbidden);
    before.as(ann).when(flag_timer{running}).refused(refusal_code::forbidden);
}

TEST_CASE("a running timer leaves the version of its task alone") {
    auto before = desk();
    before.given(started(running, page, bob), stopped(running, page, noon(), 0));
    const auto edit = command_on<edit_task>("task_id", page, "'title':'Read'");
    CHECK(before.when(edit).reply(edit).version == 2);
}
