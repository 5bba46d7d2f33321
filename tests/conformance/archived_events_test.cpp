#include "projections/rebuild/archived_events.hpp"

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "events/fold.hpp"
#include "projections/rebuild/partition_folds.hpp"
#include "tests/support/archived.hpp"
#include "tests/support/projections.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;

events::event other_event(tests::partition_history& history) {
    events::project_created event;
    event.project_id = history.make_id<events::project_id>();
    event.name = "other";
    event.key = "OTHER";
    return event;
}

/// Tasks among long runs of other events, with all that a log has between commits.
tests::partition_history draw_history() {
    tests::partition_history history(0);
    history.claim();
    const auto steps = *rc::gen::inRange(1, 40);
    for (int i = 0; i < steps; ++i) {
        switch (*rc::gen::inRange(0, 7)) {
            case 0:
                history.claim();
                break;
            case 1:
                history.ghost(other_event(history));
                break;
            case 2:
                history.unfinished_commit({tests::task_called(history, "a"), other_event(history)});
                history.claim();
                break;
            case 3:
                history.commit({other_event(history), tests::task_called(history, "b")});
                break;
            case 4:
                history.commit({other_event(history), other_event(history), other_event(history)});
                break;
            case 5:
                history.commit({tests::task_called(history, "c")});
                break;
            default:
                for (auto run = *rc::gen::inRange(1, 50); run > 0; --run) {
                    history.commit({other_event(history)});
                }
        }
    }
    return history;
}

/// What is to be read of a history, and the boundaries at which a piece may end.
struct expected_events {
    std::vector<events::record_ptr> records;
    std::vector<events::checkpoint> boundaries;
    events::checkpoint end;
};

expected_events expected_of(const tests::partition_history& history) {
    expected_events made;
    events::partition_fold fold;
    for (const auto& record : history.records()) {
        const auto what = fold.next(record);
        made.boundaries.push_back(fold.boundary());
        const auto commit = fold.commit();
        const bool is_wanted =
            what == events::verdict::event &&
            (commit.size() > 1 || commit.front()->head.type == events::task_created::type);
        if (is_wanted) {
            made.records.insert(made.records.end(), commit.begin(), commit.end());
        }
    }
    made.end = fold.boundary();
    return made;
}

/// One that is cut off after each piece, and another that goes on from what it had.
void check_reading(tests::connected& world, const expected_events& expected) {
    auto database = fold_session(infra::postgres::endpoint(world.url()));
    const auto most = *rc::gen::inRange<std::size_t>(1, 8);
    const archived_scope scope{.types = {std::string(events::task_created::type)}};
    events::checkpoint at;
    std::vector<events::record_ptr> read;
    for (;;) {
        archived_events source(database, 0, at, scope);
        const auto piece = source.next(expected.end, most);
        if (!piece) {
            break;
        }
        RC_ASSERT(piece->until.at > at.at);
        RC_ASSERT(
            std::ranges::find(expected.boundaries, piece->until) != expected.boundaries.end()
        );
        at = piece->until;
        read.insert(read.end(), piece->events.begin(), piece->events.end());
    }
    RC_ASSERT(at == expected.end);
    RC_ASSERT(read.size() == expected.records.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
        const bool is_task = read[i]->head.type == events::task_created::type;
        RC_ASSERT(read[i]->at == expected.records[i]->at);
        RC_ASSERT(read[i]->data.empty() == !is_task);
    }
}

}  // namespace

TEST_CASE("pieces of the archive are the commits of a scope, each once and whole", "[rebuild]") {
    auto params = rc::detail::configuration().testParams;
    params.maxSuccess = 60;
    tests::connected world;
    const auto result = rc::detail::checkTestable(
        [&] {
            world.query("truncate teamflow.log_records, teamflow.log_partitions, teamflow.log_info"
            );
            const auto history = draw_history();
            tests::archived_history archive(world, 1);
            archive.extend(history.records());
            check_reading(world, expected_of(history));
        },
        rc::detail::TestMetadata{},
        params
    );
    INFO(result);
    CHECK(result.is<rc::detail::SuccessResult>());
}

TEST_CASE("a piece without a wanted event ends before long", "[rebuild]") {
    tests::connected world;
    tests::archived_history archive(world, 1);
    tests::partition_history history(0);
    history.claim();
    for (int i = 0; i < 100; ++i) {
        history.commit({other_event(history)});
    }
    archive.extend(history.records());
    auto database = fold_session(infra::postgres::endpoint(world.url()));
    archived_events source(database, 0, {}, {.types = {std::string(events::task_created::type)}});
    const auto goal = archived_until(database, 0);
    const auto piece = source.next(goal, 2);
    REQUIRE(piece);
    CHECK(piece->events.empty());
    CHECK(piece->until.at < 30);
}
