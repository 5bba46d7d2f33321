#include "projections/rebuild/moment_fold.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "tests/support/projections.hpp"
#include "tests/support/recorded_work.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using tests::archived_history;
using tests::projecting;
using tests::recorded_work;
using namespace std::chrono_literals;

constexpr std::int32_t partitions = 3;

/// Read models of which rows of one event lie in several tables, and of several events in one.
std::vector<const projection*> some_models() {
    return {&tests::named("tasks"), &tests::named("time_logs")};
}

/// Into the schema `past`, which is made.
std::vector<folded_model> fold(
    projecting& world, const std::vector<const projection*>& models, const history_part& part
) {
    world.query("create schema past");
    return fold_history(
        world.url(), "past", models, part, {.between = [] {}, .gives_way = [](bool) {}}
    );
}

/// All rows with their lineage: of a schema, or of the live read models.
std::string rows(
    projecting& world,
    const std::vector<const projection*>& models,
    const std::optional<std::string>& schema
) {
    std::string out;
    for (const auto* const model : models) {
        for (const auto& table : model->tables) {
            const auto& name = table.definition.name;
            const auto of_table = world.text(fmt::format(
                "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') "
                "from \"{}\".\"{}\" as t",
                schema.value_or(model->name),
                name
            ));
            out += fmt::format("{}:{}\n", name, of_table);
        }
    }
    return out;
}

/// The rows of a fold, of which nothing stays.
std::string folded(projecting& world, const history_part& part) {
    const auto models = some_models();
    for (const auto& each : fold(world, models, part)) {
        CHECK(each.left_out == 0);
    }
    auto found = rows(world, models, "past");
    world.query("drop schema past cascade");
    return found;
}

/// `holds` for so many random samples: each takes a while.
template <class Property>
void check_samples(int samples, const Property& holds) {
    auto params = rc::detail::configuration().testParams;
    params.maxSuccess = samples;
    const auto result = rc::detail::checkTestable(holds, rc::detail::TestMetadata{}, params);
    INFO(result);
    CHECK(result.template is<rc::detail::SuccessResult>());
}

}  // namespace

TEST_CASE("a fold of all history has the rows of the live read models", "[moment]") {
    check_samples(5, [] {
        recorded_work world(partitions, *rc::gen::inRange<std::uint64_t>(0, 1000));
        for (const auto* const model : some_models()) {
            world.start(*model);
        }
        world.act(*rc::gen::inRange(1, 40));
        world.catch_up({"tasks", "time_logs"});
        RC_ASSERT(folded(world, {}) == rows(world, some_models(), std::nullopt));
    });
}

TEST_CASE("a fold up to a place has the rows that were live there", "[moment]") {
    recorded_work world(partitions, 23);
    for (const auto* const model : some_models()) {
        world.start(*model);
    }
    std::vector<std::vector<events::position>> places;
    std::vector<std::string> live;
    for (int i = 0; i < 4; ++i) {
        world.act(10);
        world.catch_up({"tasks", "time_logs"});
        places.push_back(world.log.end_positions());
        live.push_back(rows(world, some_models(), std::nullopt));
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto is_there = [&ends = places[i]](const events::record& event) {
            const auto end = std::ranges::find(ends, event.partition, &events::position::partition);
            return event.at <= end->at;
        };
        CHECK(folded(world, {.wants = is_there}) == live[i]);
    }
    CHECK(live.front() != live.back());
}

TEST_CASE("a fold as of a moment is that of the events up to then", "[moment]") {
    recorded_work world(partitions, 29);
    world.act(40);
    std::vector<events::timestamp> times;
    for (const auto& each : world.work) {
        for (const auto& record : each.history().records()) {
            times.push_back(record->head.time);
        }
    }
    check_samples(12, [&] {
        // The clocks of these partitions never go back.
        const auto moment = times[*rc::gen::inRange<std::size_t>(0, times.size())];
        const auto is_past = [&](const events::record& event) { return event.head.time <= moment; };
        RC_ASSERT(folded(world, {.as_of = moment}) == folded(world, {.wants = is_past}));
    });
}

TEST_CASE("a fold of one organization leaves its neighbours out", "[moment]") {
    projecting world(partitions);
    archived_history archive(world, partitions);
    tests::partition_history history(0);
    history.claim();
    const auto lives_here = [&] {
        auto id = history.make_id<events::organization_id>();
        while (events::partition_of(id, partitions) != 0) {
            id = history.make_id<events::organization_id>();
        }
        return id;
    };
    const auto own = lives_here();
    const auto other = lives_here();
    for (const auto& [title, organization] :
         {std::pair("own", own), {"other", other}, {"own", own}}) {
        history.set_organization(organization);
        history.commit({tests::task_called(history, title)});
    }
    archive.extend(history.records());
    const auto tally = tests::tally();
    const auto told = [&](const history_part& part) {
        fold(world, {&tally}, part);
        auto found =
            world.text("select string_agg(title || tasks, ' ' order by title) from past.tally");
        world.query("drop schema past cascade");
        return found;
    };
    CHECK(told({.organization = own}) == "own2");
    CHECK(told({}) == "other1 own2");
}

TEST_CASE("what comes behind a later event is later, whatever its clock said", "[moment]") {
    projecting world(1);
    archived_history archive(world, 1);
    tests::partition_history history(0);
    history.claim();
    const events::timestamp begin{1'795'000'000'000ms};
    for (const auto& [title, at] : {std::pair("first", 10s), {"later", 20s}, {"behind", 15s}}) {
        history.set_time(begin + at);
        history.commit({tests::task_called(history, title)});
    }
    archive.extend(history.records());
    const auto tally = tests::tally();
    const auto titles_as_of = [&](std::chrono::seconds after) {
        fold(world, {&tally}, {.as_of = begin + after});
        auto found = world.text(
            "select coalesce(string_agg(title, ' ' order by title), '') "
            "from past.tally"
        );
        world.query("drop schema past cascade");
        return found;
    };
    CHECK(titles_as_of(9s).empty());
    CHECK(titles_as_of(10s) == "first");
    CHECK(titles_as_of(16s) == "first");
    CHECK(titles_as_of(20s) == "behind first later");
}

TEST_CASE("what a projection cannot take is left out of a fold, and told", "[moment]") {
    projecting world(1);
    archived_history archive(world, 1);
    tests::partition_history history(0);
    history.claim();
    for (const auto* const title : {"good", "poison", "poison", "good"}) {
        history.commit({tests::task_called(history, title)});
    }
    archive.extend(history.records());
    const auto tally = tests::tally();
    const auto made = fold(world, {&tally}, {});
    REQUIRE(made.size() == 1);
    CHECK(made.front().name == "tally");
    CHECK(made.front().left_out == 2);
    CHECK(made.front().first_refusal == "no");
    CHECK(world.text("select title || tasks from past.tally") == "good2");
    CHECK(world.number("select count(*) from teamflow.parked_events") == 0);
    CHECK(world.number("select count(*) from teamflow.projection_checkpoints") == 0);
}
