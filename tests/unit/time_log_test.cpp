#include "commands/time_log.hpp"

#include <catch2/catch.hpp>

#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

const auto entry = make_id<time_log_id>(50);

add_time_log add(const std::string& members) {
    return command_on<add_time_log>("task_id", page, members);
}

edit_time_log edit(const std::string& members) {
    return command_on<edit_time_log>("time_log_id", entry, members);
}

constexpr const char* morning =
    "'start_time':'2026-11-20T09:00:00Z','end_time':'2026-11-20T10:30:00.900Z'";

/// An hour of bob's, before noon.
log_added hour() {
    return {
        entry,
        page,
        site,
        bob,
        tests::at("10:00:00"),
        tests::at("11:00:00"),
        3600,
        personal{bob, "sealed"},
        "review",
        true
    };
}

timer_started timer() {
    return {entry, page, site, bob, tests::at("10:00:00"), personal{bob, "sealed"}, "review", true};
}

/// What an edit of hour() starts from.
log_edited hour_edited() {
    const auto whole = hour();
    return {
        entry,
        page,
        site,
        bob,
        whole.start_time,
        whole.end_time,
        whole.duration_seconds,
        whole.description,
        whole.category,
        whole.is_billable,
        whole.start_time,
        whole.end_time,
        whole.duration_seconds,
        whole.category,
        whole.is_billable
    };
}

tests::scenario logged() {
    return desk().given(hour());
}

tests::scenario timing() {
    return desk().given(timer());
}

std::string user_field(user_id user) {
    return ",'user_id':'" + to_string(user) + "'";
}

}  // namespace

TEST_CASE("a log is added by hand") {
    const auto before = desk();
    auto request = add(std::string(morning) + ",'description':'x','category':'meeting'");
    request.sealed_description = personal{bob, "sealed"};
    const auto done = before.when(request);
    const auto id = before.context().make_id<time_log_id>(0);
    done.then(log_added{
        id,
        page,
        site,
        bob,
        tests::at("09:00:00"),
        tests::at("10:30:00.900"),
        5400,
        personal{bob, "sealed"},
        "meeting",
        true
    });
    CHECK(
        json::to_json(done.reply(request)) ==
        R"({"id":")" + to_string(id) + R"(","user_id":")" + to_string(bob) +
            R"(","start_time":"2026-11-20T09:00:00.000Z",)"
            R"("end_time":"2026-11-20T10:30:00.900Z","duration_seconds":5400,)"
            R"("duration_hours":1.5,"description":{"person":")" +
            to_string(bob) + R"(","sealed":"sealed"},"category":"meeting","is_billable":true})"
    );
}

TEST_CASE("overlapping logs are allowed") {
    CHECK(logged().when(add(morning)).events().size() == 1);
}

TEST_CASE("a log ends after it starts, within 366 days, and not in the future") {
    const auto span = [](const std::string& from, const std::string& to) {
        return desk().when(add("'start_time':'" + from + "','end_time':'" + to + "'"));
    };
    span("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z")
        .refused_field("end_time", "not_after_start");
    span("2026-11-20T09:00:00Z", "2026-11-20T08:00:00Z")
        .refused_field("end_time", "not_after_start");
    span("2025-11-19T09:00:00Z", "2026-11-20T09:00:00.001Z").refused_field("end_time", "too_long");
    CHECK(span("2025-11-19T09:00:00Z", "2026-11-20T09:00:00Z").events().size() == 1);
    span("2026-11-20T11:00:00Z", "2026-11-20T12:05:00.001Z").refused_field("end_time", "in_future");
    CHECK(span("2026-11-20T11:00:00Z", "2026-11-20T12:05:00Z").events().size() == 1);
}

TEST_CASE("only admins log the time of others, who are or were members") {
    const std::string body = morning;
    desk().when(add(body + user_field(bea))).refused(refusal_code::forbidden);
    CHECK(desk().when(add(body + user_field(bob))).only<log_added>().user_id == bob);
    for (const auto user : {bea, gone}) {
        CHECK(desk().as(adam).when(add(body + user_field(user))).only<log_added>().user_id == user);
    }
    desk().as(ann).when(add(body + user_field(stranger))).refused_field("user_id", "not_a_member");
    desk().as(vic).when(add(body)).refused(refusal_code::forbidden);
}

TEST_CASE("a log is added to a task that is open for work") {
    auto before = desk();
    before.given(task_deleted{page, site, task_status::todo, {}});
    before.when(add(morning)).refused(refusal_code::task_closed);
    before.when(command_on<add_time_log>("task_id", no_task, morning))
        .refused(refusal_code::not_found);
}

TEST_CASE("an edited log says what it is and what it was") {
    auto expected = hour_edited();
    expected.end_time = tests::at("11:30:00.500");
    expected.duration_seconds = 5400;
    expected.category = "meeting";
    expected.is_billable = false;
    const auto request =
        edit("'end_time':'2026-11-20T11:30:00.500Z','category':'meeting','is_billable':false");
    const auto done = logged().when(request);
    done.then(expected);
    CHECK(done.reply(request).duration_hours == 1.5);
}

TEST_CASE("description and category can be cleared") {
    auto expected = hour_edited();
    expected.description.reset();
    expected.category.reset();
    auto request = edit("'description':null,'category':null");
    request.sealed_description.what = json::patch<personal>::action::clear;
    logged().when(request).then(expected);
    expected.description = hour().description;
    logged().when(edit("'category':' '")).then(expected);
}

TEST_CASE("an edit of a log that changes nothing is no event") {
    auto request = edit(
        "'start_time':'2026-11-20T11:00:00+01:00','end_time':'2026-11-20T11:00:00Z',"
        "'category':'review','is_billable':true"
    );
    request.sealed_description = {json::patch<personal>::action::replace, personal{bob, "sealed"}};
    logged().when(request).then_nothing();
    timing().when(edit("'is_billable':true")).then_nothing();
}

TEST_CASE("edited times follow the rules of added ones") {
    logged()
        .when(edit("'start_time':'2026-11-20T11:00:00Z'"))
        .refused_field("end_time", "not_after_start");
    logged().when(edit("'end_time':'2026-11-20T12:06:00Z'")).refused_field("end_time", "in_future");
    logged()
        .when(edit("'start_time':'2025-10-01T11:00:00Z'"))
        .refused_field("end_time", "too_long");
    CHECK(
        faults_of<edit_time_log>(
            "{'time_log_id':'" + to_string(entry) +
            "','start_time':null,'end_time':null,'is_billable':null,'task_id':1}"
        ) ==
        std::vector<std::string>{
            "start_time:required",
            "end_time:required",
            "is_billable:required",
            "task_id:unknown_field"
        }
    );
}

TEST_CASE("logs are changed by their user or an admin") {
    for (const auto user : {bea, vic, stranger}) {
        logged().as(user).when(edit("'is_billable':false")).refused(refusal_code::forbidden);
        logged().as(user).when(delete_time_log{entry}).refused(refusal_code::forbidden);
    }
    for (const auto user : {bob, adam, ann}) {
        const auto done = logged().as(user).when(edit("'is_billable':false"));
        CHECK(done.only<log_edited>().user_id == bob);
        CHECK(logged().as(user).when(delete_time_log{entry}).events().size() == 1);
    }
}

TEST_CASE("the end of a running timer is set by stopping it") {
    timing().when(edit("'end_time':'2026-11-20T11:00:00Z'")).refused(refusal_code::timer_running);
}

TEST_CASE("the start of a running timer can be moved, into the past only") {
    auto before = timing();
    const auto request = edit("'start_time':'2026-11-20T08:00:00Z','category':'meeting'");
    const auto done = before.when(request);
    auto expected = hour_edited();
    expected.start_time = tests::at("08:00:00");
    expected.end_time.reset();
    expected.duration_seconds.reset();
    expected.category = "meeting";
    expected.previous_end_time.reset();
    expected.previous_duration_seconds.reset();
    done.then(expected);
    CHECK(!done.reply(request).duration_seconds);
    before.given(expected);
    CHECK(before.when(stop_timer{page}).only<timer_stopped>().duration_seconds == 4 * 3600);
    before.when(edit("'start_time':'2026-11-20T12:00:00.001Z'"))
        .refused_field("start_time", "in_future");
    before.when(edit("'start_time':'2025-11-19T11:59:59Z'"))
        .refused_field("start_time", "too_long");
}

TEST_CASE("a deleted log says what no longer counts") {
    auto before = logged();
    const log_deleted deleted{
        entry, page, site, bob, tests::at("10:00:00"), tests::at("11:00:00"), 3600, "review", true
    };
    before.when(delete_time_log{entry}).then(deleted);
    before.given(deleted);
    before.when(delete_time_log{entry}).refused(refusal_code::not_found);
    before.when(edit("'is_billable':false")).refused(refusal_code::not_found);
}

TEST_CASE("deleting a running log discards its timer") {
    auto before = timing();
    const timer_discarded discarded{entry, page, site, bob, tests::at("10:00:00")};
    before.as(adam).when(delete_time_log{entry}).then(discarded);
    before.given(discarded);
    CHECK(before.directory().timers().empty());
}

TEST_CASE("hours have two decimals") {
    CHECK(to_hours(0) == 0);
    CHECK(to_hours(17) == 0);
    CHECK(to_hours(18) == 0.01);
    CHECK(to_hours(5400) == 1.5);
    CHECK(to_hours(6000) == 1.67);
}
