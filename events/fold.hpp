#pragma once
// The fold: the only definition of which records of a partition count (rules R1 to R3).

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "events/record.hpp"

namespace teamflow::events {

/// Where a fold stands between two commits: enough to go on from it. `at` is the last offset that
/// it accounts for; -1 before the first record.
struct checkpoint {
    offset at = -1;
    epoch reign;
    std::int64_t next_sequence = 0;

    friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

/// What one record did to the fold.
enum class verdict {
    claim,  ///< a new epoch began; an open commit was discarded
    event,  ///< the last record of a commit: the commit counts
    open,   ///< a record of a commit that is not whole yet
    ghost,  ///< written under an epoch or number that is not current: nobody sees it
};

/// Folds the records of one partition in the order of their offsets. Pure; used by every reader:
/// writer, archiver, projector, feed and replay.
class partition_fold {
public:
    partition_fold() = default;

    /// Goes on from a saved checkpoint.
    explicit partition_fold(const checkpoint& from);

    /// Takes the next record. Throws log_gap unless its offset follows the last one exactly. What
    /// is neither an event nor a claim, or stands before the first claim, is a ghost.
    /// After `event`, `commit()` holds the records of the commit in order.
    verdict next(record_ptr record);

    /// The commit completed by the last call of next(); empty after any other verdict.
    [[nodiscard]] std::span<const record_ptr> commit() const { return commit_; }

    /// Records of a commit whose rest has not come; discarded by the next claim.
    [[nodiscard]] std::span<const record_ptr> open() const { return open_; }

    /// Records of an open commit that the last claim discarded.
    [[nodiscard]] std::span<const record_ptr> discarded() const { return discarded_; }

    /// The last commit boundary: the place to go on from after a restart.
    [[nodiscard]] const checkpoint& boundary() const { return boundary_; }

    /// The last offset taken, boundary or not.
    [[nodiscard]] offset last() const { return last_; }

    [[nodiscard]] const epoch& reign() const { return boundary_.reign; }

    [[nodiscard]] std::int64_t next_sequence() const { return next_sequence_; }

    /// Ghosts seen since this fold was made.
    [[nodiscard]] std::int64_t ghosts() const { return ghosts_; }

private:
    [[nodiscard]] bool continues_open_commit(const record& record) const;

    checkpoint boundary_;
    offset last_ = -1;
    std::int64_t next_sequence_ = 0;
    std::int64_t ghosts_ = 0;
    std::vector<record_ptr> open_;
    std::vector<record_ptr> commit_;
    std::vector<record_ptr> discarded_;
};

/// A reader was given a record that does not follow the one before it: the log lost or repeated
/// something, or the reader did. Nothing may be decided on what comes after.
class log_gap : public std::runtime_error {
public:
    log_gap(partition_id partition, offset expected, offset got);
};

}  // namespace teamflow::events
