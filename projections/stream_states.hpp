#pragma once
// What deciders know of every stream, as rows: `states` is no read model that serves queries, but
// one that a replay into a scratch schema may build.

#include "projections/projection.hpp"

namespace teamflow::projections {

/// A table for each kind of stream, `task_state` and so on, folded by the deciders' own `evolve`.
projection stream_states();

}  // namespace teamflow::projections
