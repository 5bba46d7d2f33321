#include "projections/rebuild/lineage.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "projections/projector_step.hpp"
#include "projections/rebuild/archived_events.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

constexpr std::size_t piece_events = 10'000;

struct last_writer {
    events::position at;
    events::organization_id organization;
};

std::optional<last_writer> find_last(
    postgres::session& database,
    const projection& what,
    const table_definition& table,
    const std::string& key
) {
    std::string columns;
    for (const auto& each : table.key) {
        columns += (columns.empty() ? "" : ", ") + ("t." + postgres::quoted_name(each.name));
    }
    const auto found = database.query(
        fmt::format(
            "select t.position_partition, t.position_offset, r.organization from {}.{} as t "
            "join teamflow.log_records r on r.partition = t.position_partition "
            "and r.\"offset\" = t.position_offset where concat_ws(',', {}) = $1",
            postgres::quoted_name(what.name),
            postgres::quoted_name(table.name),
            columns
        ),
        {key}
    );
    if (found.empty()) {
        return std::nullopt;
    }
    return last_writer{
        {found.get<events::partition_id>(0, 0), found.get<events::offset>(0, 1)},
        found.get<events::organization_id>(0, 2)
    };
}

/// Folds commit by commit and notes which of them change the row.
class watching_fold {
public:
    watching_fold(
        const projection& what, std::size_t table, std::string key, events::partition_id in
    )
        : table_(table), key_(std::move(key)), partition_(in), step_(what, from(in), in_memory()) {}

    void take(const archived_piece& piece) {
        const std::span<const events::record_ptr> all(piece.events);
        for (std::size_t at = 0; at < all.size();) {
            const auto count = static_cast<std::size_t>(all[at]->commit.count);
            const auto commit = all.subspan(at, count);
            const auto& last = *commit.back();
            step_.add_valid(
                {partition_,
                 {.at = last.at, .reign = last.reign, .next_sequence = last.sequence + 1}},
                commit
            );
            run();
            at += count;
        }
    }

    std::vector<events::position> writers;

private:
    static build_state from(events::partition_id partition) {
        return {.build = 0, .checkpoints = {{partition, {}}}, .parked_keys = {}};
    }

    /// Nothing is loaded: what was never written is not there, and nothing is forgotten.
    static step_limits in_memory() {
        return {
            .max_batch_events = 1,
            .rows = {.max_rows = std::numeric_limits<std::size_t>::max(), .key_bytes = 1}
        };
    }

    void run() {
        while (step_.has_work()) {
            step_.prepare();
            if (const auto at = step_.rows().table(table_).changed_at(key_)) {
                writers.push_back(*at);
            }
            step_.flushed();
        }
    }

    std::size_t table_;
    std::string key_;
    events::partition_id partition_;
    projector_step step_;
};

}  // namespace

std::optional<std::vector<events::position>> writers_of(
    postgres::session& database,
    const projection& what,
    const table_definition& table,
    const std::string& key
) {
    const auto last = find_last(database, what, table, key);
    if (!last) {
        return std::nullopt;
    }
    archived_scope scope{.types = {}, .organization = last->organization};
    for (const auto& each : what.handlers) {
        scope.types.emplace_back(each.type);
    }
    const auto number = std::ranges::find(what.tables, table.name, [](const auto& each) {
        return each.definition.name;
    });
    watching_fold fold(
        what, static_cast<std::size_t>(number - what.tables.begin()), key, last->at.partition
    );
    archived_events source(database, last->at.partition, {}, std::move(scope));
    const auto goal = archived_until(database, last->at.partition);
    while (const auto piece = source.next(goal, piece_events)) {
        fold.take(*piece);
    }
    return fold.writers;
}

}  // namespace teamflow::projections
