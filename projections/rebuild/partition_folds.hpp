#pragma once
// A fold of all partitions into one schema: in parallel for the bulk, one after the other behind
// it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "projections/projection.hpp"
#include "projections/rebuild/bulk_fold.hpp"

namespace teamflow::projections {

/// What a fold writes into, and who is told.
struct fold_target {
    infra::postgres::endpoint database{""};
    std::string schema;
    /// 0 when it is no build of the read model: then it keeps no checkpoints.
    std::int64_t build = 0;
    /// See bulk_fold; with the partition. May be empty.
    std::function<void(
        infra::postgres::session&, events::partition_id, const events::checkpoint&, std::int64_t
    )>
        note;
    /// Called on a fold's thread between its pieces; throws what is to end the fold. May be empty.
    std::function<void()> between;
    /// Called on a fold's thread when it has done a partition. May be empty.
    std::function<void(const bulk_fold&)> folded = {};
    std::vector<std::string> parked_keys;
    std::set<place> set_aside;
    std::set<place> skipped;
    bulk_options how;
};

/// Makes the schema with the tables of `what`, without indexes but for their keys; nothing when it
/// is there. Throws postgres_error.
void make_tables(
    infra::postgres::session& database, const projection& what, const std::string& schema
);

/// Makes their indexes, and lets the planner know of what is in them. Within a transaction or
/// without one. Throws postgres_error.
void make_indexes(
    infra::postgres::session& database, const projection& what, const std::string& schema
);

/// A session for a fold: it need not wait for the disk, since what a crash loses is folded again.
infra::postgres::session fold_session(const infra::postgres::endpoint& at);

/// Folds each partition from its checkpoint to its goal, which stands at the same place of the
/// other list, on up to `threads` threads; `at` follows. Blocking. Throws what the first thread
/// that failed threw, when all have ended.
void fold_partitions(
    const projection& what,
    const fold_target& into,
    std::vector<partition_checkpoint>& at,
    const std::vector<partition_checkpoint>& goals,
    std::size_t threads
);

/// Waits until the archive has come to a place. Throws postgres_error, and std::runtime_error when
/// it stands still.
void await_archive(infra::postgres::session& database, const partition_checkpoint& wanted);

/// How many threads a fold takes here, so that live work goes on beside it.
std::size_t fold_threads();

}  // namespace teamflow::projections
