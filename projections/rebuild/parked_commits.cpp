#include "projections/rebuild/parked_commits.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "infra/log/record_rows.hpp"
#include "projections/projector_step.hpp"
#include "projections/rebuild/held_build.hpp"
#include "projections/rebuild/rebuild_order.hpp"
#include "projections/rebuild/step_on_session.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

/// All that hangs together with a commit by keys that they wait under.
const std::string together_sql =
    "with recursive bound (commit_id) as ("
    "select commit_id from teamflow.parked_events "
    "where projection = $1 and build = $2 and commit_id = $3 union "
    "select other.commit_id from bound "
    "join teamflow.parked_events own on own.projection = $1 and own.build = $2 "
    "and own.commit_id = bound.commit_id "
    "join teamflow.parked_events other on other.projection = $1 and other.build = $2 "
    "and other.key = own.key) select array_agg(commit_id) from bound";

const std::string events_sql = fmt::format(
    "select {} from teamflow.log_records where (partition, \"offset\") in ("
    "select partition, \"offset\" from teamflow.parked_events "
    "where projection = $1 and build = $2 and commit_id = any ($3)) order by \"offset\"",
    infra::record_columns
);

const std::string other_keys_sql =
    "select distinct key from teamflow.parked_events "
    "where projection = $1 and build = $2 and not commit_id = any ($3)";

const std::string skip_sql =
    "insert into teamflow.skipped_commits "
    "(projection, commit_id, partition, \"offset\", reason, skipped_by) "
    "select projection, commit_id, partition, \"offset\", $4, $5 from teamflow.parked_events "
    "where projection = $1 and build = $2 and commit_id = $3 order by \"offset\" limit 1 "
    "on conflict do nothing";

const std::string forget_sql =
    "delete from teamflow.parked_events "
    "where projection = $1 and build = $2 and commit_id = any ($3)";

const std::string failed_again_sql =
    "update teamflow.parked_events set attempt = attempt + 1, error = $4 "
    "where projection = $1 and build = $2 and commit_id = $3";

using commit_ids = std::vector<events::commit_id>;

/// The commits that wait together, put through the handlers once more.
class second_try {
public:
    second_try(
        postgres::session& database,
        const projection& what,
        const held_build& live,
        commit_ids together
    )
        : database_(database),
          what_(what),
          build_(live.build()),
          together_(std::move(together)),
          step_(what, state_of(live), {}) {}

    parked_outcome run() {
        const auto waiting = infra::read_records(database_.query(events_sql, mine()));
        for (auto begin = waiting.begin(); begin != waiting.end();) {
            const auto end = std::find_if(begin, waiting.end(), [&](const auto& each) {
                return each->commit.id != (*begin)->commit.id;
            });
            step_.add_parked({begin, end});
            begin = end;
        }
        while (step_.queued() != 0) {
            run_batch();
        }
        database_.query(forget_sql, of(applied_));
        outcome_.applied = static_cast<std::int64_t>(applied_.size());
        return outcome_;
    }

private:
    build_state state_of(const held_build& live) const {
        build_state state{.build = build_, .checkpoints = live.checkpoints(), .parked_keys = {}};
        const auto keys = database_.query(other_keys_sql, mine());
        for (std::size_t i = 0; i < keys.rows(); ++i) {
            state.parked_keys.push_back(keys.get<std::string>(i, 0));
        }
        return state;
    }

    [[nodiscard]] postgres::params of(const commit_ids& commits) const {
        auto with = postgres::params::of(what_.name, build_);
        with.add(commits);
        return with;
    }

    [[nodiscard]] postgres::params mine() const { return of(together_); }

    void run_batch() {
        database_.execute("savepoint batch");
        std::optional<std::string> refusal;
        try {
            prepare_batch(database_, step_);
            write_rows(database_, step_);
        } catch (const infra::postgres_error& error) {
            if (!error.is_about_data()) {
                throw;
            }
            refusal = error.what();
        }
        if (refusal) {
            database_.execute("rollback to savepoint batch");
            step_.refused(*refusal);
            return;
        }
        database_.execute("release savepoint batch");
        note_batch();
        step_.flushed();
    }

    void note_batch() {
        const auto failed = step_.parking_now();
        for (const auto& id : step_.batch_commits()) {
            const auto again =
                std::ranges::find(failed, id, &std::pair<events::commit_id, std::string>::first);
            if (again == failed.end()) {
                applied_.push_back(id);
                continue;
            }
            ++outcome_.waiting;
            if (!outcome_.error) {
                outcome_.error = again->second;
                database_.query(
                    failed_again_sql, postgres::params::of(what_.name, build_, id, again->second)
                );
            }
        }
    }

    postgres::session& database_;
    const projection& what_;
    std::int64_t build_;
    commit_ids together_;
    projector_step step_;
    commit_ids applied_;
    parked_outcome outcome_;
};

}  // namespace

std::optional<parked_outcome> retry_parked(
    postgres::session& database,
    const projection& what,
    events::commit_id commit,
    const std::optional<give_up>& skip,
    const std::function<void(const parked_outcome&)>& finish
) {
    held_build live(database, what);
    const auto with = postgres::params::of(what.name, live.build(), commit);
    const auto found = database.query(together_sql, with);
    if (found.is_null(0, 0)) {
        return std::nullopt;
    }
    auto together = found.get<commit_ids>(0, 0);
    if (skip) {
        auto named = with;
        named.add(skip->reason);
        named.add(skip->by_whom);
        database.query(skip_sql, named);
        std::erase(together, commit);
        auto doomed = postgres::params::of(what.name, live.build());
        doomed.add(commit_ids{commit});
        database.query(forget_sql, doomed);
    }
    auto outcome = second_try(database, what, live, std::move(together)).run();
    database.query("select teamflow.renumber_build($1)", {what.name});
    finish(outcome);
    live.commit();
    return outcome;
}

}  // namespace teamflow::projections
