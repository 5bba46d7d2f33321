#include "projections/rebuild/moment_fold.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

#include "projections/rebuild/brake.hpp"
#include "projections/rebuild/partition_folds.hpp"
#include "projections/rebuild/rebuild_order.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

using places = std::vector<partition_checkpoint>;

/// Ends each goal before the first event that is later: the events of a commit have one time, so
/// that no commit is cut.
void end_before_later(postgres::session& database, events::timestamp as_of, places& goals) {
    const auto later = database.query(
        "select partition, min(\"offset\") from teamflow.events where time > $1 group by partition",
        postgres::params::of(as_of)
    );
    for (std::size_t i = 0; i < later.rows(); ++i) {
        const auto partition = later.get<events::partition_id>(i, 0);
        const auto goal = std::ranges::find(goals, partition, &partition_checkpoint::partition);
        if (goal != goals.end()) {
            goal->at = {.at = std::min(goal->at.at, later.get<events::offset>(i, 1) - 1)};
        }
    }
}

places goals_of(postgres::session& database, const history_part& part) {
    const auto log = database.query("select partitions from teamflow.log_info");
    const auto partitions = log.empty() ? 0 : log.get<std::int32_t>(0, 0);
    places goals;
    for (events::partition_id each = 0; each < partitions; ++each) {
        if (!part.organization || events::partition_of(*part.organization, partitions) == each) {
            goals.push_back({each, archived_until(database, each)});
        }
    }
    if (part.as_of) {
        end_before_later(database, *part.as_of, goals);
    }
    return goals;
}

}  // namespace

std::vector<folded_model> fold_history(
    const postgres::endpoint& place,
    const std::string& schema,
    std::span<const projection* const> models,
    const history_part& part,
    const fold_calls& with
) {
    postgres::session database(place);
    const auto goals = goals_of(database, part);
    brake for_live_work(
        database,
        {.look = with.between,
         .tell = with.gives_way,
         .wait = [](std::chrono::milliseconds step) { std::this_thread::sleep_for(step); }}
    );
    std::vector<folded_model> folded;
    for (const auto* const what : models) {
        folded_model made{.name = what->name};
        std::mutex mutex;
        fold_target target{
            .database = place,
            .schema = schema,
            .build = 0,
            .note = {},
            .between = [&] { for_live_work.give_way(); },
            .folded =
                [&](const bulk_fold& of) {
                    const std::lock_guard lock(mutex);
                    made.left_out += of.parked();
                    if (made.first_refusal.empty()) {
                        made.first_refusal = of.first_refusal();
                    }
                },
            .parked_keys = {},
            .set_aside = {},
            .skipped = skipped_places(database, what->name),
            .how = {.organization = part.organization, .wants = part.wants}
        };
        places at;
        for (const auto& goal : goals) {
            at.push_back({goal.partition, {}});
        }
        make_tables(database, *what, schema);
        fold_partitions(*what, target, at, goals, fold_threads());
        make_indexes(database, *what, schema);
        folded.push_back(std::move(made));
    }
    return folded;
}

}  // namespace teamflow::projections
