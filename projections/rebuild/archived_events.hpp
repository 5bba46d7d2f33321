#pragma once
// History in bounded pieces, for folds that read all of it: valid events from the archive.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "events/fold.hpp"
#include "events/record.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Up to where the archive holds a partition, and how the fold stands there. Throws postgres_error.
events::checkpoint archived_until(
    infra::postgres::session& database, events::partition_id partition
);

/// Whole commits of a partition between two of its boundaries, all that the scope has.
struct archived_piece {
    events::checkpoint until;
    std::vector<events::record_ptr> events;
};

/// Chooses among events; empty: all of them.
using wanted_events = std::function<bool(const events::record&)>;

/// Leaves out what is not wanted: a commit becomes what is left of it. `records` are whole commits.
void keep_wanted(std::vector<events::record_ptr>& records, const wanted_events& wants);

/// Which events to read, and what of them.
struct archived_scope {
    /// Events of other types are left out where they are a commit of their own; in larger commits
    /// they are there without their payload.
    std::vector<std::string> types;
    /// Only the events of this organization.
    std::optional<events::organization_id> organization;
    wanted_events wants = {};
};

/// Reads one partition piece by piece. A piece is bounded in events and bytes, but for a commit
/// that is larger. Blocking; one thread. Throws postgres_error.
class archived_events {
public:
    /// `database` must outlive this.
    archived_events(
        infra::postgres::session& database,
        events::partition_id partition,
        const events::checkpoint& from,
        archived_scope scope
    );

    /// The next piece, up to `goal` at most, which must be a boundary that the archive holds;
    /// nullopt when the last piece ended there.
    std::optional<archived_piece> next(const events::checkpoint& goal, std::size_t max_events);

private:
    /// The goal, or the last boundary within so many offsets if that comes before it.
    events::checkpoint boundary_before(const events::checkpoint& goal, std::int64_t offsets);

    infra::postgres::session& database_;
    events::partition_id partition_;
    events::checkpoint at_;
    archived_scope scope_;
};

}  // namespace teamflow::projections
