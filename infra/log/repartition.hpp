#pragma once
// A log with another number of partitions: the same events at new places.

#include <cstdint>
#include <string>
#include <vector>

#include "events/record.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {

/// Gives the valid events of teamflow.log_records new places as a new log (teamflow.log_info gets a
/// new id) of so many partitions, and returns the last offset of each. Every partition begins with
/// a claim of `address`; the events of an organization keep their order, commits stay whole, and
/// organizations that come together are merged by the times of their commits. Everything but
/// place, epoch and sequence stays as it was. Claims, ghosts and incomplete commits go.
///
/// Snapshots and the checkpoints of projections go, too, since they name old places; projectors
/// then build their read models anew. Blocks, for minutes if the log is long. Call it inside a
/// transaction, when no program works on the log and log_records holds all of it.
/// Errors: postgres_error.
std::vector<events::offset> repartition(
    postgres::session& database, std::int32_t partitions, const std::string& address
);

}  // namespace teamflow::infra
