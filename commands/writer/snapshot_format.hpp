#pragma once
// How folded states are kept as snapshots, and how archived records are folded onto them.

#include "commands/decider.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::commands {

/// Folds one archived event. An event type that this program does not know moves only the version.
void apply_record(folded_stream& folded, const events::record& record);
void apply_record(directory& folded, const events::record& record);

/// Takes a snapshot as the state; leaves `folded` as it is and returns false when the snapshot is
/// of another format or does not read: it is a cache, and the events are still there.
bool restore(const infra::snapshot& taken, folded_stream& folded);
bool restore(const infra::snapshot& taken, directory& folded);

infra::snapshot snapshot_of(
    events::organization_id organization,
    std::string stream,
    const folded_stream& folded,
    events::offset at
);
infra::snapshot snapshot_of(
    events::organization_id organization, const directory& folded, events::offset at
);

}  // namespace teamflow::commands
