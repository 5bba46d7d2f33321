#pragma once
// The live build of a projection, held still for a moment: to compare with it, or to replace it.

#include <cstdint>
#include <set>
#include <vector>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"
#include "projections/projector_step.hpp"

namespace teamflow::projections {

/// From here to the end no projector writes rows of the projection: each waits with its next batch,
/// and those under way have ended. A transaction of `database`, rolled back unless it is committed.
/// Blocking. Throws postgres_error, and std::runtime_error when there is no live build.
class held_build {
public:
    /// `database` must outlive this.
    held_build(infra::postgres::session& database, const projection& what);

    [[nodiscard]] std::int64_t build() const { return build_; }

    [[nodiscard]] const std::vector<partition_checkpoint>& checkpoints() const {
        return checkpoints_;
    }

    /// The events that wait in it.
    [[nodiscard]] const std::set<place>& parked() const { return parked_; }

    /// Whether it has not come as far somewhere, so that it cannot be compared with what has.
    [[nodiscard]] bool is_behind(const std::vector<partition_checkpoint>& other) const;

    void commit() { whole_.commit(); }

private:
    infra::postgres::transaction whole_;
    std::int64_t build_ = 0;
    std::vector<partition_checkpoint> checkpoints_;
    std::set<place> parked_;
};

}  // namespace teamflow::projections
