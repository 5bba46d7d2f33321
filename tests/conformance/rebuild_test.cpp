#include "query/rebuild.hpp"

#include <atomic>
#include <future>
#include <utility>

#include <catch2/catch.hpp>

#include "projections/rebuild/caretaker.hpp"
#include "projections/rebuild/held_build.hpp"
#include "projections/rebuild/parked_commits.hpp"
#include "projections/rebuild/rebuilder.hpp"
#include "projections/rebuild/repair.hpp"
#include "projections/rebuild/verification.hpp"
#include "tests/support/archived.hpp"
#include "tests/support/projecting.hpp"
#include "tests/support/projections.hpp"
#include "tests/support/recorded_work.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using tests::archived_history;
using tests::projecting;
using namespace std::chrono_literals;

constexpr std::int32_t partitions = 3;

/// As small as it can be, so that everything happens: rows leave memory, keys collide.
bulk_options tiny() {
    return {
        .max_events = 5, .max_rows = 2, .max_row_bytes = 500, .key_bytes = 16, .organization = {}
    };
}

/// With live read models that are rebuilt.
struct office : tests::recorded_work {
    explicit office(std::uint64_t seed) : recorded_work(partitions, seed) {}

    rebuild_options options(bulk_options how = tiny()) {
        return {
            .database = url(),
            .log_ends = [this] { return log.end_positions(); },
            .how = std::move(how)
        };
    }

    std::string request(const std::string& name, bool undo = false) {
        return text(fmt::format(
            "select outcome from teamflow.request_rebuild('{}', 'a test', 3600, {})", name, undo
        ));
    }

    /// Until the first build of every read model is live.
    void settle() {
        start_everything();
        catch_up_everything();
        until([&] {
            return number("select count(*) from teamflow.projections where status = 'live'") ==
                   static_cast<std::int64_t>(all().size());
        });
    }

    std::string stage(const std::string& name) {
        return text(fmt::format(
            "select coalesce(max(stage || coalesce(': ' || error, '')), 'none') "
            "from teamflow.rebuilds where projection = '{}'",
            name
        ));
    }

    void await_stage(const std::string& name, const std::string& wanted) {
        until([&] { return stage(name) == wanted; });
    }

    /// While the projectors go on.
    template <class Work>
    auto beside(Work what) {
        auto done = std::async(std::launch::async, std::move(what));
        until([&] { return done.wait_for(0ms) == std::future_status::ready; });
        return done.get();
    }

    comparison compare(const std::string& name) {
        return beside([&] { return verify(url(), tests::named(name)); });
    }
};

}  // namespace

TEST_CASE("a rebuilt read model is the one that was there, row by row", "[rebuild]") {
    office world(7);
    world.act(120);
    world.settle();
    const auto before = world.dump();
    rebuilder works(world.options(), all());
    for (const auto& each : all()) {
        CAPTURE(each.name);
        REQUIRE(world.request(each.name) == "requested");
        CHECK(world.request(each.name) == "running");
        world.await_stage(each.name, "done");
        CHECK(
            world.text(fmt::format(
                "select comparison->>'equal' from teamflow.rebuilds where projection = '{}'",
                each.name
            )) == "true"
        );
    }
    CHECK(world.dump() == before);
    // The projectors go on with what took the place of their tables.
    world.act(20);
    world.catch_up_everything();
    for (const auto& each : all()) {
        CAPTURE(each.name);
        CHECK(world.compare(each.name).equal);
    }
}

TEST_CASE("what happens while a read model is rebuilt is not lost", "[rebuild]") {
    office world(11);
    world.act(60);
    world.settle();
    rebuilder works(world.options(), all());
    for (int i = 0; i < 4; ++i) {
        world.catch_up_everything();
        REQUIRE(world.request("tasks", i == 3) == "requested");
        do {
            world.act(2);
        } while (world.stage("tasks") != "done" && world.log.end_positions()[0].at < 4000);
        world.await_stage("tasks", "done");
    }
    world.catch_up_everything();
    CHECK(world.compare("tasks").equal);
}

TEST_CASE("a rebuild is paused, left, taken over and aborted", "[rebuild]") {
    office world(13);
    world.act(200);
    world.settle();
    const auto before = world.dump();
    REQUIRE(world.request("tasks") == "requested");
    const auto folded = [&] {
        return world.number(
            "select coalesce(sum(\"offset\" + 1), 0)::bigint "
            "from teamflow.projection_checkpoints c join teamflow.rebuilds r "
            "on r.projection = c.projection and r.build = c.build"
        );
    };
    for (std::int64_t at = 10; at < 100; at += 30) {
        // One after the other begins, gets somewhere and stops.
        rebuilder works(world.options(), all());
        world.until([&] { return folded() > at || world.stage("tasks") == "done"; });
    }
    REQUIRE(world.stage("tasks") != "done");
    REQUIRE(world.text("select teamflow.steer_rebuild('tasks', 'pause')::text") == "true");
    rebuilder works(world.options(), all());
    world.until([&] {
        return world.text("select (holder <> '')::text from teamflow.rebuilds") == "true";
    });
    CHECK(world.stage("tasks") != "done");
    world.query("select teamflow.steer_rebuild('tasks', 'run')");
    world.await_stage("tasks", "done");
    CHECK(world.dump() == before);
    REQUIRE(world.request("tasks") == "requested");
    world.query("select teamflow.steer_rebuild('tasks', 'abort')");
    world.until([&] {
        const auto stage = world.stage("tasks");
        return stage == "aborted" || stage == "done";
    });
    CHECK(world.dump() == before);
    CHECK(world.text("select teamflow.steer_rebuild('tasks', 'run')::text") == "false");
}

TEST_CASE("a holder that was taken over writes nothing", "[rebuild]") {
    office world(17);
    world.act(40);
    world.settle();
    REQUIRE(world.request("tasks") == "requested");
    infra::postgres::session database(world.url());
    const auto first = take_rebuild(database, "one");
    REQUIRE(first);
    CHECK_FALSE(take_rebuild(database, "two"));
    world.query("update teamflow.rebuilds set lease_until = '-infinity'");
    REQUIRE(take_rebuild(database, "two"));
    const auto& what = tests::named("tasks");
    rebuild_options options = world.options();
    rebuild_job late(options, *first, what);
    CHECK_THROWS_AS(late.run(), rebuild_left);
    CHECK(
        world.number("select max(\"offset\") from teamflow.projection_checkpoints c "
                     "join teamflow.rebuilds r on r.projection = c.projection "
                     "and r.build = c.build") == -1
    );
}

TEST_CASE("the first row that is wrong is named, and mended", "[rebuild]") {
    office world(19);
    world.act(80);
    world.settle();
    CHECK(world.compare("time_logs").equal);
    const auto log = world.text("select min(id::text) from time_logs.time_log");
    const auto position = world.text(fmt::format(
        "select position_partition || '@' || position_offset from time_logs.time_log where id = "
        "'{}'",
        log
    ));
    world.query(
        fmt::format("update time_logs.time_log set category = 'planted' where id = '{}'", log)
    );
    const auto made = world.compare("time_logs");
    REQUIRE_FALSE(made.equal);
    REQUIRE(made.first_difference);
    CHECK(made.first_difference->table == "time_log");
    CHECK(made.first_difference->key.value == fmt::format("{{\"id\":\"{}\"}}", log));
    CHECK(made.first_difference->column == "category");
    CHECK(made.first_difference->live.value == "\"planted\"");
    CHECK(made.first_difference->position == position);
    infra::postgres::session database(world.url());
    const auto mended = repair(database, world.url(), tests::named("time_logs"), log, [](auto&) {});
    REQUIRE(mended);
    CHECK(world.compare("time_logs").equal);

    // A row too many and a row too few.
    world.query(fmt::format("delete from time_logs.time_log where id = '{}'", log));
    world.query(
        "update time_logs.task_total set task_id = gen_random_uuid() "
        "where task_id = (select task_id from time_logs.task_total limit 1)"
    );
    const auto worse = world.compare("time_logs");
    CHECK(worse.tables.at(0).differing == 1);
    CHECK(worse.tables.at(1).differing == 2);
    for (const auto& each : world.work) {
        const auto whose = each.history().records().back()->head.organization;
        repair(database, world.url(), tests::named("time_logs"), to_string(whose), [](auto&) {});
    }
    CHECK(world.compare("time_logs").equal);
    world.act(10);
    world.catch_up_everything();
    CHECK(world.compare("time_logs").equal);
    CHECK_FALSE(repair(database, world.url(), tests::named("time_logs"), "nobody", [](auto&) {}));
}

namespace {

/// Whether the handler of `moody` takes what it was made to refuse.
std::atomic<bool> is_mended = false;

/// Counts tasks by title, and cannot take those that are called "poison" until it is mended.
projection moody() {
    auto what = tests::tally();
    what.name = "moody";
    what.handlers = {on<events::task_created>([](unit_of_work& rows, const auto& event, auto&) {
        if (event.title == "poison" && !is_mended) {
            throw std::runtime_error("not poison");
        }
        ++rows.row<tests::tally_row>(event.title).tasks;
    })};
    return what;
}

struct parking : projecting {
    parking() : projecting(1), archive(*this, 1), history(0) {
        is_mended = false;
        history.claim();
    }

    /// A commit for each; all of one stream wait for each other.
    void tasks(const std::string& stream, const std::vector<std::string>& titles) {
        for (const auto& title : titles) {
            history.commit_to({{stream, tests::task_called(history, title)}});
        }
        log.publish(history.records());
        archive.extend(history.records());
        catch_up({"moody"});
    }

    std::int64_t count(const std::string& title) {
        return number(fmt::format(
            "select coalesce(sum(tasks), 0)::bigint from moody.tally where title = '{}'", title
        ));
    }

    std::int64_t waiting() {
        return number(
            "select count(distinct commit_id) from teamflow.parked_events e "
            "join teamflow.projections p on p.name = e.projection and p.build = e.build"
        );
    }

    events::commit_id first_parked() {
        return query("select commit_id from teamflow.parked_events order by \"offset\" limit 1")
            .get<events::commit_id>(0, 0);
    }

    std::optional<parked_outcome> retry(
        events::commit_id commit, const std::optional<give_up>& skip = {}
    ) {
        infra::postgres::session database(url());
        return retry_parked(database, what, commit, skip, [](auto&) {});
    }

    projection what = moody();
    archived_history archive;
    tests::partition_history history;
};

}  // namespace

TEST_CASE("what is parked is tried again in order once the handler is mended", "[rebuild]") {
    parking world;
    world.start(world.what);
    world.tasks("a", {"x", "poison", "x", "y"});
    world.tasks("b", {"x", "y"});
    CHECK(world.count("x") == 2);
    CHECK(world.waiting() == 3);
    const auto commit = world.first_parked();

    const auto too_early = world.retry(commit);
    REQUIRE(too_early);
    CHECK(too_early->applied == 0);
    CHECK(too_early->waiting == 3);
    CHECK(too_early->error == "not poison");
    CHECK(world.number("select max(attempt)::bigint from teamflow.parked_events") == 2);
    CHECK(world.count("x") == 2);

    is_mended = true;
    const auto done = world.retry(commit);
    REQUIRE(done);
    CHECK(done->applied == 3);
    CHECK(done->waiting == 0);
    CHECK(world.waiting() == 0);
    CHECK_FALSE(world.retry(commit));
    // The projector forgets the rows that it remembers, or these would count from old ones.
    world.tasks("a", {"x", "poison"});
    CHECK(world.count("x") == 4);
    CHECK(world.count("y") == 2);
    CHECK(world.count("poison") == 2);
}

TEST_CASE("what is given up is missing in every build to come", "[rebuild]") {
    parking world;
    world.start(world.what);
    world.tasks("a", {"poison", "x", "poison", "y"});
    const auto done =
        world.retry(world.first_parked(), give_up{.reason = "broken", .by_whom = "a test"});
    REQUIRE(done);
    CHECK(done->applied == 1);
    CHECK(done->waiting == 2);
    CHECK(world.count("x") == 1);
    world.tasks("a", {"y"});
    CHECK(world.waiting() == 3);
    CHECK(
        world.text("select reason || ' ' || skipped_by from teamflow.skipped_commits") ==
        "broken a test"
    );
    const auto compared =
        std::async(std::launch::async, [&] { return verify(world.url(), world.what); });
    world.until([&] { return compared.wait_for(0ms) == std::future_status::ready; });
    is_mended = true;
    REQUIRE(world.retry(world.first_parked()));
    CHECK(world.count("poison") == 1);
    CHECK(world.count("y") == 2);
    auto again = std::async(std::launch::async, [&] { return verify(world.url(), world.what); });
    world.until([&] { return again.wait_for(0ms) == std::future_status::ready; });
    CHECK(again.get().equal);
}
