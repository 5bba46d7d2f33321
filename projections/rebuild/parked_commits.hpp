#pragma once
// Commits that wait behind poison: tried again after a fix, or given up (B4).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// What became of the commits that waited together.
struct parked_outcome {
    /// How many count now.
    std::int64_t applied = 0;
    /// How many wait on, behind the first that failed again.
    std::int64_t waiting = 0;
    /// Why that one failed.
    std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(parked_outcome, (), (applied, waiting, error))

/// A commit that is to be given up, and who says so.
struct give_up {
    std::string reason;
    std::string by_whom;
};

/// Runs the handlers for a parked commit and for all that wait under its keys, in order, on the
/// rows as they are; `skip` drops the commit itself first, for this build and all to come. The live
/// build is held meanwhile, and gets another number, so that projectors forget the rows that they
/// remember. Within one transaction of `database`, which `finish` may add to before it is
/// committed. Blocking. Nullopt when no such commit waits. Throws postgres_error, and
/// std::runtime_error when there is no live build.
std::optional<parked_outcome> retry_parked(
    infra::postgres::session& database,
    const projection& what,
    events::commit_id commit,
    const std::optional<give_up>& skip,
    const std::function<void(const parked_outcome&)>& finish
);

}  // namespace teamflow::projections
