#pragma once
// The two halves of a projector_step's batch that need a database, over a blocking session.

#include "infra/postgres/session.hpp"
#include "projections/projector_step.hpp"

namespace teamflow::projections {

/// Prepares the next batch, with all the rows that it needs. Throws postgres_error, and what
/// projector_step::prepare throws.
void prepare_batch(infra::postgres::session& database, projector_step& step);

/// Writes the rows of the prepared batch, in the order in which they may depend on each other;
/// neither checkpoints nor what is parked. Within a transaction of the caller. Throws
/// postgres_error.
void write_rows(infra::postgres::session& database, const projector_step& step);

}  // namespace teamflow::projections
