#include "projections/projector.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "projections/all.hpp"
#include "projections/progress_listener.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/projecting.hpp"
#include "tests/support/projections.hpp"
#include "tests/support/random_work.hpp"
#include "tests/support/recorded_log.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using tests::named;
using tests::projecting;
using tests::random_work;
using tests::tally;
using tests::task_called;
using namespace std::chrono_literals;

void check_tasks(projecting& world, const random_work& truth) {
    const auto rows = world.query(
        "select id, title, status, assignee_id, deleted, version, logged_seconds, running_timers, "
        "running_since_ms from tasks.task order by id"
    );
    REQUIRE(rows.rows() == truth.tasks().size());
    for (std::size_t i = 0; i < truth.tasks().size(); ++i) {
        const auto& task = truth.tasks()[i];
        std::int64_t since = 0;
        for (const auto& log : truth.logs()) {
            since += log.task == i && !log.seconds ? log.start.time_since_epoch().count() : 0;
        }
        CHECK(rows.get<events::task_id>(i, 0) == task.id);
        CHECK(rows.get<std::string>(i, 1) == task.title);
        CHECK(rows.get<std::string>(i, 2) == events::json::enum_name(task.status));
        CHECK(rows.get<std::optional<events::user_id>>(i, 3) == task.assignee);
        CHECK(rows.get<bool>(i, 4) == task.deleted);
        CHECK(rows.get<std::int64_t>(i, 5) == task.version);
        CHECK(rows.get<std::int64_t>(i, 6) == truth.seconds_of(i, false));
        CHECK(rows.get<std::int64_t>(i, 7) == truth.running_on(i));
        CHECK(rows.get<std::int64_t>(i, 8) == since);
    }
}

void check_boards(projecting& world, const random_work& truth) {
    const auto rows =
        world.query("select project_id, status, tasks from tasks.board where tasks <> 0");
    std::map<std::pair<events::project_id, std::string>, std::int64_t> found;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        found[{rows.get<events::project_id>(i, 0), rows.get<std::string>(i, 1)}] =
            rows.get<std::int64_t>(i, 2);
    }
    CHECK(found == truth.board());
}

void check_logs(projecting& world, const random_work& truth) {
    std::map<events::time_log_id, std::optional<std::int64_t>> expected;
    for (const auto& log : truth.logs()) {
        expected[log.id] = log.seconds;
    }
    const auto rows = world.query("select id, duration_seconds from time_logs.time_log");
    std::map<events::time_log_id, std::optional<std::int64_t>> found;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        found[rows.get<events::time_log_id>(i, 0)] = rows.get<std::optional<std::int64_t>>(i, 1);
    }
    CHECK(found == expected);
    CHECK(
        world.number("select count(*) from timers.timer") ==
        std::ranges::count_if(truth.logs(), [](const auto& log) { return !log.seconds; })
    );
    for (std::size_t i = 0; i < truth.tasks().size(); ++i) {
        const auto totals = world.query(
            "select logs, total_seconds, billable_seconds from time_logs.task_total "
            "where task_id = $1",
            infra::postgres::params::of(truth.tasks()[i].id)
        );
        const auto logs =
            std::ranges::count_if(truth.logs(), [&](const auto& log) { return log.task == i; });
        CHECK((totals.empty() ? 0 : totals.get<std::int64_t>(0, 0)) == logs);
        CHECK((totals.empty() ? 0 : totals.get<std::int64_t>(0, 1)) == truth.seconds_of(i, false));
        CHECK((totals.empty() ? 0 : totals.get<std::int64_t>(0, 2)) == truth.seconds_of(i, true));
    }
}

void check_templates(projecting& world, const random_work& truth) {
    for (const auto& [id, count] : truth.usage()) {
        const auto rows = world.query(
            "select usage_count, version from templates.template where id = $1",
            infra::postgres::params::of(id)
        );
        CHECK(rows.get<std::int64_t>(0, 0) == count);
        CHECK(rows.get<std::int64_t>(0, 1) == 1);
    }
}

/// Every event of a task is in the activity, and nothing that does not count.
void check_activity(projecting& world, const random_work& truth) {
    events::partition_fold fold;
    std::int64_t of_projects = 0;
    for (const auto& record : truth.history().records()) {
        if (fold.next(record) == events::verdict::event) {
            of_projects += std::ranges::count_if(fold.commit(), [](const auto& each) {
                return each->data.contains("\"project_id\"");
            });
        }
    }
    CHECK(world.number("select count(*) from activity.entry") == of_projects);
}

void check_everything(projecting& world, const random_work& truth) {
    check_tasks(world, truth);
    check_boards(world, truth);
    check_logs(world, truth);
    check_templates(world, truth);
    check_activity(world, truth);
}

}  // namespace

TEST_CASE("read models show what an independent count of the history shows", "[projections]") {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        projecting world;
        random_work work(0, seed);
        work.act(150);
        world.log.publish(work.history().records());
        world.start_everything();
        world.catch_up_everything();
        work.act(150);
        world.log.publish(work.history().records());
        world.catch_up_everything();
        INFO("seed " << seed);
        check_everything(world, work);
    }
}

TEST_CASE("the same history gives the same rows, however it is cut", "[projections]") {
    random_work work(0, 11);
    work.act(300);
    std::vector<std::string> dumps;
    for (const std::size_t batch : {1U, 7U, 2000U}) {
        projecting world;
        world.log.publish(work.history().records());
        for (const auto& each : all()) {
            projector_options options;
            options.limits = {.max_batch_events = batch, .rows = {.max_rows = 4}};
            world.start(each, std::move(options));
        }
        world.catch_up_everything();
        dumps.push_back(world.dump());
    }
    CHECK(dumps[0] == dumps[1]);
    CHECK(dumps[0] == dumps[2]);
}

TEST_CASE("projectors that come and go leave the same rows", "[projections]") {
    projecting world(2);
    random_work first(0, 21);
    random_work second(1, 22);
    for (int round = 0; round < 6; ++round) {
        world.start_everything();
        first.act(25);
        second.act(25);
        world.log.publish(first.history().records());
        world.log.publish(second.history().records());
        if (round % 2 == 0) {
            world.until([&] { return world.positions.reached("tasks", 0).value_or(-1) > 0; });
        }
        world.stop_all();
    }
    world.start_everything();
    world.catch_up_everything();
    const auto lived = world.dump();

    projecting fresh(2);
    fresh.log.publish(first.history().records());
    fresh.log.publish(second.history().records());
    fresh.start_everything();
    fresh.catch_up_everything();
    CHECK(lived == fresh.dump());
}

TEST_CASE(
    "a lone event is projected at once, and nobody waits for a lingering one", "[projections]"
) {
    projecting world;
    tests::partition_history history(0);
    const auto what = tally();
    // Longer than the fixture has patience.
    const projector_options lingering{.linger = 2 * tests::projector_patience};
    world.start(what, lingering);
    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally") == 1);

    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    world.stop_all();
    world.start(what);
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally") == 2);
}

TEST_CASE("a lost connection costs nothing but time", "[projections]") {
    projecting world;
    random_work work(0, 31);
    world.start(named("tasks"));
    for (int round = 0; round < 5; ++round) {
        work.act(40);
        world.log.publish(work.history().records());
        world.query(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name like 'teamflow projector%' and datname = current_database()"
        );
    }
    world.catch_up({"tasks"});
    check_tasks(world, work);
    check_boards(world, work);
}

TEST_CASE("a checkpoint moves only from where it was", "[projections]") {
    projecting world;
    const auto one = world.start(named("tasks"));
    world.until([&] { return one->metrics().status == projector_status::live; });
    world.stop_all();
    const auto move = [&](int build, int from, int to) {
        return world.refusal(fmt::format(
            "select teamflow.move_checkpoints('tasks', {}, array[0], array[{}]::bigint[], "
            "array[-1]::bigint[], array['00000000-0000-0000-0000-000000000000']::uuid[], "
            "array[0]::bigint[], array[{}]::bigint[], array[-1]::bigint[], "
            "array['00000000-0000-0000-0000-000000000000']::uuid[], array[0]::bigint[])",
            build,
            from,
            to
        ));
    };
    CHECK(move(1, 4, 5) == "TF001");
    CHECK(move(2, -1, 5) == "TF002");
    CHECK(move(1, -1, 5) == "none");
    CHECK(move(1, -1, 5) == "TF001");
}

TEST_CASE("a changed projection is built anew from the log's start", "[projections]") {
    projecting world;
    tests::partition_history history(0);
    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    const auto first = tally(1);
    world.start(first);
    world.catch_up({"tally"});
    world.stop_all();
    world.query("update tally.tally set tasks = 77");

    SECTION("the same version goes on where it was") {
        world.start(first);
        history.commit({task_called(history, "a")});
        world.log.publish(history.records());
        world.catch_up({"tally"});
        CHECK(world.number("select tasks from tally.tally") == 78);
    }
    SECTION("another version begins anew") {
        const auto second = tally(2);
        const auto projector = world.start(second);
        world.until([&] { return projector->metrics().status == projector_status::live; });
        CHECK(world.number("select tasks from tally.tally") == 1);
        CHECK(world.number("select build from teamflow.projections") == 2);
        CHECK(world.text("select status from teamflow.projections") == "live");
    }
    SECTION("a program that is older than the read model keeps its hands off") {
        const auto older = tally(0);
        const auto projector = world.start(older);
        world.until([&] { return projector->metrics().status == projector_status::failed; });
        CHECK(world.number("select tasks from tally.tally") == 77);
    }
}

TEST_CASE("poison is parked with its error, and its stream behind it", "[projections]") {
    projecting world;
    tests::partition_history history(0);
    const auto poison = task_called(history, "poison");
    history.commit({task_called(history, "a")});
    history.commit({poison});
    history.commit_to({{events::stream_of(poison), task_called(history, "a")}});
    history.commit({task_called(history, "refuse")});
    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    const auto what = tally();
    const auto projector = world.start(what);
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally where title = 'a'") == 2);
    const auto parked = world.query(
        "select \"offset\", key, error, type from teamflow.parked_events order by \"offset\""
    );
    REQUIRE(parked.rows() == 3);
    CHECK(parked.get<std::int64_t>(0, 0) == 2);
    CHECK(parked.get<std::string>(0, 1) == events::stream_of(poison));
    CHECK(parked.get<std::string>(0, 2) == "no");
    CHECK(parked.get<std::string>(0, 3) == "task.task_created");
    CHECK(parked.get<std::int64_t>(1, 0) == 3);
    CHECK(parked.get<std::string>(1, 2) == "waits behind " + events::stream_of(poison));
    CHECK(parked.get<std::int64_t>(2, 0) == 4);
    world.until([&] { return projector->metrics().status == projector_status::live; });

    world.stop_all();
    history.commit_to({{events::stream_of(poison), task_called(history, "a")}});
    world.log.publish(history.records());
    world.start(what);
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally where title = 'a'") == 2);
    CHECK(world.number("select count(*) from teamflow.parked_events") == 4);
}

TEST_CASE("a projection that stops at poison says why", "[projections]") {
    projecting world;
    tests::partition_history history(0);
    history.commit({task_called(history, "a")});
    history.commit({task_called(history, "poison")});
    world.log.publish(history.records());
    auto what = tally();
    what.on_poison = poison_policy::stop;
    const auto projector = world.start(what);
    world.until([&] { return projector->metrics().status == projector_status::failed; });
    CHECK(world.text("select status from teamflow.projections") == "failed");
    CHECK(world.text("select error from teamflow.projections") == "stopped before 0@2: no");
    CHECK(world.number("select tasks from tally.tally") == 1);
}

TEST_CASE("other processes hear of progress when the rows are visible", "[projections]") {
    projecting world;
    random_work work(0, 51);
    work.act(20);
    world.log.publish(work.history().records());
    world.start(named("tasks"));
    world.catch_up({"tasks"});
    read_position elsewhere;
    const progress_listener listener(world.executor(), world.url(), elsewhere);
    const auto heard = [&] {
        return world.run(elsewhere.wait_for(
            {"tasks"},
            world.log.end_positions(),
            std::chrono::steady_clock::now() + tests::projector_patience
        ));
    };
    CHECK(heard());
    work.act(20);
    world.log.publish(work.history().records());
    CHECK(heard());
    check_tasks(world, work);
}

TEST_CASE("other processes hear that a read model begins anew", "[projections]") {
    projecting world;
    tests::partition_history history(0);
    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    const auto first = tally(1);
    world.start(first);
    world.catch_up({"tally"});
    read_position elsewhere;
    const progress_listener listener(world.executor(), world.url(), elsewhere);
    world.until([&] { return elsewhere.reached("tally", 0) == 1; });
    world.stop_all();
    auto second = tally(2);
    second.on_poison = poison_policy::stop;
    second.handlers = {on<events::task_created>([](unit_of_work&, const auto&, auto&) {
        throw std::runtime_error("never");
    })};
    const auto projector = world.start(second);
    world.until([&] { return projector->metrics().status == projector_status::failed; });
    world.until([&] { return elsewhere.reached("tally", 0).value_or(-1) < 1; });
    CHECK_FALSE(world.run(elsewhere.wait_for({"tally"}, {{0, 1}}, std::chrono::steady_clock::now()))
    );
}
