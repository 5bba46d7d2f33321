// Several projectors build one read model at once: by partitions, and where they meet, by the
// fence.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "projections/statements.hpp"
#include "tests/support/projecting.hpp"
#include "tests/support/projections.hpp"
#include "tests/support/random_work.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using tests::named;
using tests::partition_history;
using tests::projecting;
using tests::random_work;
using tests::tally;
using tests::tally_row;
using tests::task_called;
using namespace std::chrono_literals;
using partition_list = std::vector<events::partition_id>;

constexpr events::partition_id partitions = 4;

/// An organization at work in each partition.
struct offices {
    explicit offices(std::uint64_t seed) {
        for (events::partition_id partition = 0; partition < partitions; ++partition) {
            all.emplace_back(partition, seed + static_cast<std::uint64_t>(partition));
        }
    }

    void act(int acts, tests::recorded_log& log) {
        for (auto& each : all) {
            each.act(acts);
            log.publish(each.history().records());
        }
    }

    /// What one projector alone makes of it.
    std::string fold() const {
        projecting fresh(partitions);
        for (const auto& each : all) {
            fresh.log.publish(each.history().records());
        }
        fresh.start_everything();
        fresh.catch_up_everything();
        return fresh.dump();
    }

    std::vector<random_work> all;
};

bool is_live(const projector& each) {
    return each.metrics().status == projector_status::live;
}

/// What the step would write now, over empty tables.
std::vector<infra::postgres::call> batch_of(projector_step& step) {
    while (step.prepare() == projector_step::need::load) {
        step.loaded(std::vector<infra::postgres::result>(step.loads().size()));
    }
    return step.changes();
}

/// The SQLSTATE that a transaction of these calls is refused with.
std::string refusal_of(projecting& world, const std::vector<infra::postgres::call>& calls) {
    try {
        world.atomically(calls);
    } catch (const infra::postgres_error& error) {
        return std::string(error.sqlstate());
    }
    return "none";
}

}  // namespace

TEST_CASE("projectors that share the partitions make the rows of one", "[projections]") {
    projecting world(partitions);
    offices work(101);
    work.act(60, world.log);
    std::vector<std::shared_ptr<projector>> made;
    for (const auto& each : all()) {
        made.push_back(world.start_in({0, 2}, each));
        made.push_back(world.start_in({1}, each));
        made.push_back(world.start_in({3}, each));
    }
    world.until([&] {
        return std::ranges::all_of(made, [](const auto& each) { return is_live(*each); });
    });
    work.act(60, world.log);
    world.catch_up_everything();
    CHECK(world.dump() == work.fold());
    CHECK(world.number("select count(*) from teamflow.projections where build <> 1") == 0);
}

TEST_CASE("partitions change hands and nothing is lost or doubled", "[projections]") {
    std::mt19937_64 random(7);
    const auto some = [&](partition_list from) {
        std::erase_if(from, [&](auto) { return random() % 2 == 0; });
        return from;
    };
    projecting world(partitions);
    offices work(201);
    projector_options options;
    options.limits.max_batch_events = 5;
    std::vector<std::shared_ptr<projector>> made;
    for (const auto& each : all()) {
        for (int process = 0; process < 3; ++process) {
            made.push_back(world.start_in({}, each, options));
        }
    }
    for (int round = 0; round < 8; ++round) {
        // Any of them may believe in any partition, also several at once.
        for (const auto& each : made) {
            each->assign(some({0, 1, 2, 3}));
        }
        work.act(12, world.log);
        const auto before = world.positions.reached("tasks", 0).value_or(-1);
        world.io().restart();
        world.io().run_for(before % 2 == 0 ? 3ms : 12ms);
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i]->assign(i % 3 == 0 ? partition_list{0, 1} : partition_list{2, 3});
    }
    world.catch_up_everything();
    CHECK(world.dump() == work.fold());
}

TEST_CASE("two projectors of one partition double nothing", "[projections]") {
    projecting world;
    random_work work(0, 41);
    projector_options options;
    options.limits.max_batch_events = 5;
    int found = 0;
    options.fenced = [&] { ++found; };
    const auto one = world.start(named("tasks"), options);
    const auto other = world.start(named("tasks"), options);
    world.until([&] { return is_live(*one) && is_live(*other); });
    for (int round = 0; round < 20; ++round) {
        work.act(15);
        world.log.publish(work.history().records());
        world.until([&] { return world.positions.reached("tasks", 0) == work.history().end().at; });
    }
    CHECK(found > 0);
    CHECK(
        world.number("select count(*) from tasks.task") ==
        static_cast<std::int64_t>(work.tasks().size())
    );
}

TEST_CASE("who is fenced out may stand back, and has written nothing", "[projections]") {
    projecting world;
    partition_history history(0);
    const auto what = tally();
    std::shared_ptr<projector> one;
    projector_options options;
    options.fenced = [&] { one->assign({}); };
    one = world.start(what, options);
    world.until([&] { return is_live(*one); });
    history.commit({task_called(history, "a")});
    projector_step other(what, {.build = 1, .checkpoints = {{0, {}}}, .parked_keys = {}});
    other.add(0, history.records());
    CHECK(refusal_of(world, batch_of(other)) == "none");
    other.flushed();
    world.log.publish(history.records());
    world.until([&] { return one->metrics().status == projector_status::standby; });
    CHECK(one->metrics().partitions == 0);
    CHECK(world.number("select tasks from tally.tally") == 1);
    one->assign({0});
    world.until([&] { return is_live(*one); });
    history.commit({task_called(history, "a")});
    world.log.publish(history.records());
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally") == 2);
}

TEST_CASE("a batch that was ready before a take-over writes nothing after it", "[projections]") {
    projecting world(2);
    partition_history first(0);
    partition_history second(1);
    const auto what = tally();
    const auto successor = world.start(what);
    world.until([&] { return is_live(*successor); });
    successor->assign({});
    world.until([&] { return successor->metrics().status == projector_status::standby; });

    build_state state{.build = 1, .checkpoints = {{0, {}}, {1, {}}}, .parked_keys = {}};
    projector_step zombie(what, state);
    first.commit({task_called(first, "a")});
    second.commit({task_called(second, "b")});
    world.log.publish(first.records());
    world.log.publish(second.records());
    zombie.add(0, first.records());
    zombie.add(1, second.records());
    const auto frozen = batch_of(zombie);

    SECTION("when its successor took one of its partitions") {
        successor->assign({1});
    }
    SECTION("when its successor took all of them") {
        successor->assign({0, 1});
    }
    world.until([&] { return world.positions.reached("tally", 1).value_or(-1) == 1; });
    const std::string rows = "select string_agg(t::text, ',' order by title) from tally.tally t";
    const auto before = world.text(rows);
    CHECK(refusal_of(world, frozen) == fenced_sqlstate);
    CHECK(world.text(rows) == before);
    successor->assign({0, 1});
    world.catch_up({"tally"});
    CHECK(world.number("select tasks from tally.tally where title = 'a'") == 1);
    CHECK(world.number("select tasks from tally.tally where title = 'b'") == 1);
}

TEST_CASE("a build is live when all partitions were read, whoever reads them", "[projections]") {
    projecting world(2);
    partition_history first(0);
    partition_history second(1);
    first.commit({task_called(first, "a")});
    second.commit({task_called(second, "b")});
    world.log.publish(first.records());
    world.log.publish(second.records());
    const auto what = tally();
    const auto one = world.start_in({0}, what);
    world.until([&] { return world.positions.reached("tally", 0) == first.end().at; });
    CHECK(one->metrics().status == projector_status::rebuilding);
    CHECK(world.text("select status from teamflow.projections") == "rebuilding");
    const auto other = world.start_in({1}, what);
    world.until([&] { return is_live(*one) && is_live(*other); });
    CHECK(world.text("select status from teamflow.projections") == "live");
    CHECK(world.number("select count(*) from tally.tally") == 2);
}

TEST_CASE("a changed projection is begun anew once, by one of many", "[projections]") {
    projecting world(partitions);
    std::vector<partition_history> histories;
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        auto& history = histories.emplace_back(partition);
        history.commit({task_called(history, fmt::format("of {}", partition))});
        world.log.publish(history.records());
    }
    const auto first = tally(1);
    const auto second = tally(2);
    for (const auto* version : {&first, &second}) {
        std::vector<std::shared_ptr<projector>> made;
        made.reserve(partitions);
        for (events::partition_id partition = 0; partition < partitions; ++partition) {
            made.push_back(world.start_in({partition}, *version));
        }
        world.until([&] {
            return std::ranges::all_of(made, [](const auto& each) { return is_live(*each); });
        });
        CHECK(world.number("select build from teamflow.projections") == version->version);
        CHECK(world.number("select count(*) from tally.tally where tasks = 1") == partitions);
        world.stop_all();
        world.query("update tally.tally set tasks = 77");
    }
}

TEST_CASE(
    "a build that stopped in one partition stops in all, until it is resumed", "[projections]"
) {
    projecting world(2);
    partition_history first(0);
    partition_history second(1);
    auto what = tally();
    what.on_poison = poison_policy::stop;
    const auto one = world.start_in({0}, what);
    const auto other = world.start_in({1}, what);
    world.until([&] { return is_live(*one) && is_live(*other); });
    first.commit({task_called(first, "poison")});
    world.log.publish(first.records());
    world.until([&] { return one->metrics().status == projector_status::failed; });
    second.commit({task_called(second, "b")});
    world.log.publish(second.records());
    world.until([&] { return other->metrics().status == projector_status::failed; });
    CHECK(world.text("select error from teamflow.projections") == "stopped before 0@1: no");
    CHECK(world.number("select count(*) from tally.tally") == 0);

    // A program that can handle it is started.
    one->stop();
    auto mended = what;
    mended.handlers = {on<events::task_created>([](unit_of_work& rows, const auto& event, auto&) {
        ++rows.row<tally_row>(event.title).tasks;
    })};
    world.start_in({0}, mended);
    world.catch_up({"tally"});
    world.until([&] { return is_live(*other); });
    CHECK(world.number("select count(*) from tally.tally") == 2);
}
