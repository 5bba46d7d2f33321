#pragma once
// Folds one partition of the archive into the tables of a schema, in large transactions.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "infra/postgres/session.hpp"
#include "projections/projector_step.hpp"
#include "projections/rebuild/archived_events.hpp"

namespace teamflow::projections {

struct bulk_options {
    /// Events of one transaction.
    std::size_t max_events = 20'000;
    /// Of the rows that are kept in memory between transactions: how many of each table, and by the
    /// payloads that made them how large they may be all together.
    std::size_t max_rows = 50'000;
    std::size_t max_row_bytes = std::size_t{48} << 20U;
    /// To remember which keys a table has got: more is faster (projections/stored_keys.hpp).
    std::size_t key_bytes = std::size_t{8} << 20U;
    std::optional<events::organization_id> organization;
    /// See archived_scope.
    wanted_events wants = {};
};

/// Where a fold into a schema begins.
struct bulk_start {
    std::string schema;
    std::int64_t build = 0;
    partition_checkpoint from;
    std::vector<std::string> parked_keys;
    /// See build_state.
    std::set<place> set_aside;
    std::set<place> skipped;
    /// The tables hold nothing of this partition yet: faster.
    bool is_empty = true;
};

/// The handlers of a projection run as they do in a projector, over rows in memory; what a table
/// cannot hold yet is copied into it, the rest is loaded and written by key. Poison is parked, in
/// the fixed tables under the number of the build if it has one. Blocking; one thread. Throws
/// postgres_error, after which nobody knows what was written: begin anew from what the database
/// says; and projection_stopped.
class bulk_fold {
public:
    /// Called in each transaction, first: to fence it, and to note that it brings the partition to
    /// `until`, by so many offsets.
    using noted = std::function<
        void(infra::postgres::session&, const events::checkpoint& until, std::int64_t)>;

    /// `database` and `what` must outlive this.
    bulk_fold(
        infra::postgres::session& database,
        const projection& what,
        bulk_start from,
        const bulk_options& how,
        noted note
    );

    /// Folds the next piece, up to `goal` at most; false when it is there already.
    bool next(const events::checkpoint& goal);

    /// Up to where it has written.
    [[nodiscard]] const events::checkpoint& at() const { return at_; }

    /// Commits that it has parked, those set aside among them.
    [[nodiscard]] std::int64_t parked() const { return parked_; }

    /// Why it parked the first of them; empty when it has parked none.
    [[nodiscard]] const std::string& first_refusal() const { return first_refusal_; }

private:
    void write_batch();
    void write();

    infra::postgres::session& database_;
    events::partition_id partition_;
    std::int64_t build_;
    bulk_options how_;
    noted note_;
    archived_events source_;
    projector_step step_;
    events::checkpoint at_;
    std::size_t bytes_kept_ = 0;
    std::int64_t parked_ = 0;
    std::string first_refusal_;
};

}  // namespace teamflow::projections
