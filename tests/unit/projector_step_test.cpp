#include "projections/projector_step.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <boost/describe.hpp>

#include "tests/support/partition_history.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using need = projector_step::need;
using tests::partition_history;

struct count_row {
    events::project_id project_id;
    std::int64_t tasks = 0;

    static constexpr std::string_view table = "count";
    static constexpr auto primary_key = std::tuple(&count_row::project_id);
};
BOOST_DESCRIBE_STRUCT(count_row, (), (project_id, tasks))

events::task_created task_in(events::project_id project, std::string title = "t") {
    events::task_created event;
    event.task_id = events::task_id(project.value);
    event.project_id = project;
    event.title = std::move(title);
    return event;
}

/// Counts tasks of a project. Cannot handle a task called "poison".
projection counting() {
    return {
        .name = "counting",
        .version = 1,
        .tables = tables_of<count_row>(),
        .handlers = {on<events::task_created>([](unit_of_work& rows, const auto& event, auto&) {
            if (event.title == "poison") {
                throw std::runtime_error("cannot\tstand it");
            }
            ++rows.row<count_row>(event.project_id).tasks;
        })}
    };
}

struct fixture {
    projection what = counting();
    partition_history log{0};
    events::project_id a = log.make_id<events::project_id>();
    events::project_id b = log.make_id<events::project_id>();
    std::size_t given = 0;

    build_state fresh() const { return {.build = 1, .checkpoints = {{0, {}}}, .parked_keys = {}}; }

    /// Hands the step what the log holds beyond what it was given before.
    void feed(projector_step& step) {
        step.add(0, std::span(log.records()).subspan(given));
        given = log.records().size();
    }
};

/// Answers all loads with "no such row".
need prepared(projector_step& step) {
    for (int pass = 0; pass < 5; ++pass) {
        if (step.prepare() == need::flush) {
            return need::flush;
        }
        const std::vector<infra::postgres::result> none(step.loads().size());
        step.loaded(none);
    }
    return need::load;
}

std::vector<std::string> names(const std::vector<infra::postgres::call>& calls) {
    std::vector<std::string> out;
    out.reserve(calls.size());
    for (const auto& call : calls) {
        out.emplace_back(call.what.name);
    }
    return out;
}

events::offset offset_of(const projector_step& step) {
    return step.positions().front().at;
}

using list = std::vector<std::string>;
const list just_progress{"move_checkpoints", "notify_progress"};
const list rows_and_progress{"move_checkpoints", "projection_upsert", "notify_progress"};
const list parked_and_progress{"move_checkpoints", "park_events", "notify_progress"};

}  // namespace

TEST_CASE_METHOD(fixture, "a claim alone moves the checkpoint", "[projections]") {
    projector_step step(what, fresh());
    CHECK_FALSE(step.has_work());
    feed(step);
    REQUIRE(step.has_work());
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    step.flushed();
    CHECK_FALSE(step.has_work());
    CHECK(offset_of(step) == 0);
}

TEST_CASE_METHOD(
    fixture, "the checkpoint goes first, then rows, then the notice", "[projections]"
) {
    projector_step step(what, fresh());
    log.commit({task_in(a), task_in(a), task_in(b)});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == rows_and_progress);
    const auto summary = step.flushed();
    CHECK(summary.events == 3);
    CHECK(summary.rows == 2);
    CHECK(offset_of(step) == 3);
}

TEST_CASE_METHOD(fixture, "missing rows are asked for once and then remembered", "[projections]") {
    projector_step step(what, fresh());
    log.commit({task_in(a)});
    feed(step);
    REQUIRE(step.prepare() == need::load);
    CHECK(names(step.loads()) == list{"projection_load"});
    step.loaded(std::vector<infra::postgres::result>(1));
    REQUIRE(step.prepare() == need::flush);
    step.flushed();
    log.commit({task_in(a)});
    feed(step);
    CHECK(step.prepare() == need::flush);
}

TEST_CASE_METHOD(fixture, "half a commit changes nothing until a claim ends it", "[projections]") {
    projector_step step(what, fresh());
    log.unfinished_commit({task_in(a), task_in(a)});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    step.flushed();
    CHECK(offset_of(step) == 0);
    log.claim();
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    step.flushed();
    CHECK(offset_of(step) == 3);
}

TEST_CASE_METHOD(fixture, "ghosts are stepped over and counted", "[projections]") {
    projector_step step(what, fresh());
    log.claim();
    log.ghost(task_in(a));
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    step.flushed();
    CHECK(step.ghosts() == 1);
    CHECK(offset_of(step) == 2);
}

TEST_CASE_METHOD(fixture, "unknown event types are counted and skipped", "[projections]") {
    projector_step step(what, fresh());
    log.unknown("thing-1");
    log.commit({events::project_deleted{.project_id = a}});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    const auto summary = step.flushed();
    CHECK(summary.events == 2);
    CHECK(summary.unknown == 1);
}

TEST_CASE_METHOD(fixture, "a batch is bounded and holds whole commits", "[projections]") {
    projector_step step(what, fresh(), {.max_batch_events = 3, .rows = {.max_rows = 100}});
    for (int i = 0; i < 3; ++i) {
        log.commit({task_in(a), task_in(b)});
    }
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.flushed().events == 4);
    CHECK(offset_of(step) == 4);
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.flushed().events == 2);
    CHECK_FALSE(step.has_work());
}

TEST_CASE_METHOD(fixture, "a poison event parks its stream, nothing else waits", "[projections]") {
    projector_step step(what, fresh());
    log.commit({task_in(a)});
    log.commit({task_in(b, "poison")});
    log.commit({task_in(b)});
    log.commit({task_in(a)});
    feed(step);

    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == rows_and_progress);
    step.flushed();
    CHECK(offset_of(step) == 1);

    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
    CHECK(step.flushed().parked == 1);
    CHECK(offset_of(step) == 2);

    REQUIRE(prepared(step) == need::flush);
    CHECK(
        names(step.changes()) ==
        list{"move_checkpoints", "projection_upsert", "park_events", "notify_progress"}
    );
    CHECK(step.flushed().parked == 1);
    CHECK(offset_of(step) == 4);
}

TEST_CASE_METHOD(fixture, "a poison commit parks whole, under all its streams", "[projections]") {
    projector_step step(what, fresh());
    log.commit({task_in(a), task_in(b, "poison")});
    log.commit({task_in(a)});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
    step.flushed();
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
    step.flushed();
    CHECK(offset_of(step) == 3);
}

TEST_CASE_METHOD(fixture, "an event that does not decode is poison", "[projections]") {
    projector_step step(what, fresh());
    log.undecodable(task_in(a));
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
}

TEST_CASE_METHOD(fixture, "keys that are parked stay so after a restart", "[projections]") {
    auto state = fresh();
    state.parked_keys = {events::stream_of(events::task_id(a.value))};
    projector_step step(what, state);
    log.commit({task_in(a)});
    log.commit({task_in(b)});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.changes().size() == 4);
    const auto summary = step.flushed();
    CHECK(summary.parked == 1);
    CHECK(summary.rows == 1);
}

TEST_CASE_METHOD(fixture, "a projection may park by organization", "[projections]") {
    what.parks_by = parking_key::organization;
    projector_step step(what, fresh());
    log.commit({task_in(b, "poison")});
    log.commit({task_in(a)});
    log.set_organization(log.make_id<events::organization_id>());
    log.commit({task_in(a)});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    step.flushed();
    REQUIRE(prepared(step) == need::flush);
    const auto summary = step.flushed();
    CHECK(summary.parked == 1);
    CHECK(summary.rows == 1);
}

TEST_CASE_METHOD(
    fixture, "a projection may stop at poison, with all before it done", "[projections]"
) {
    what.on_poison = poison_policy::stop;
    projector_step step(what, fresh());
    log.commit({task_in(a)});
    log.commit({task_in(b, "poison")});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    step.flushed();
    CHECK_THROWS_AS(prepared(step), projection_stopped);
    CHECK(offset_of(step) == 1);
}

TEST_CASE_METHOD(fixture, "a failure for want of a row is no poison", "[projections]") {
    what.handlers = {on<events::task_created>([](unit_of_work& rows, const auto& event, auto&) {
        if (rows.row<count_row>(event.project_id).tasks == 0) {
            throw std::runtime_error("none");
        }
    })};
    projector_step step(what, fresh());
    log.commit({task_in(a)});
    feed(step);
    REQUIRE(step.prepare() == need::load);
    step.loaded(std::vector<infra::postgres::result>(1));
    REQUIRE(step.prepare() == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
}

TEST_CASE_METHOD(fixture, "refused data is found commit by commit and parked", "[projections]") {
    projector_step step(what, fresh());
    for (const auto project : {a, b, a}) {
        log.commit({task_in(project)});
    }
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    step.refused("value too long");
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.flushed().events == 1);
    REQUIRE(prepared(step) == need::flush);
    step.refused("value too long");
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == parked_and_progress);
    CHECK(step.flushed().parked == 1);
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.flushed().rows == 1);
    CHECK_FALSE(step.has_work());
    CHECK(offset_of(step) == 3);
}

TEST_CASE_METHOD(fixture, "a refused parking is an error, not a loop", "[projections]") {
    projector_step step(what, fresh());
    log.commit({task_in(b, "poison")});
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK_THROWS_AS(step.refused("no room"), std::runtime_error);
}

TEST_CASE_METHOD(
    fixture, "a step goes on from its checkpoint and from nowhere else", "[projections]"
) {
    projector_step first(what, fresh());
    log.commit({task_in(a)});
    feed(first);
    REQUIRE(prepared(first) == need::flush);
    first.flushed();
    log.commit({task_in(a)});
    events::partition_fold fold;
    for (const auto& record : std::span(log.records()).first(2)) {
        fold.next(record);
    }
    projector_step second(
        what, {.build = 1, .checkpoints = {{0, fold.boundary()}}, .parked_keys = {}}
    );
    CHECK_THROWS_AS(second.add(0, log.records()), events::log_gap);
    second.add(0, std::span(log.records()).subspan(2));
    REQUIRE(prepared(second) == need::flush);
    CHECK(second.flushed().events == 1);
}

TEST_CASE_METHOD(
    fixture, "checkpoints of batches without changes may be saved later", "[projections]"
) {
    projector_step step(what, fresh());
    log.unknown("thing-1");
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK_FALSE(step.has_changes());
    CHECK(step.passed().events == 1);
    CHECK_FALSE(step.has_work());
    CHECK(step.has_unsaved_checkpoints());
    CHECK(offset_of(step) == 1);

    log.commit({task_in(a)});
    log.unknown("thing-1");
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    CHECK(step.has_changes());
    step.flushed();
    CHECK_FALSE(step.has_unsaved_checkpoints());
    CHECK(offset_of(step) == 3);
}

TEST_CASE_METHOD(fixture, "checkpoints that wait can be saved without news", "[projections]") {
    projector_step step(what, fresh());
    log.unknown("thing-1");
    feed(step);
    REQUIRE(prepared(step) == need::flush);
    step.passed();
    REQUIRE(prepared(step) == need::flush);
    CHECK(names(step.changes()) == just_progress);
    step.flushed();
    CHECK_FALSE(step.has_unsaved_checkpoints());
}
