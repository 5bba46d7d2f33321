#pragma once
// One writer's reign over one partition, as a state machine without I/O (rules R1 to R7).
//
// Facts go in (a claim's offset, delivery reports, records seen in the log); verdicts on the
// commits in flight come out. It decides nothing by clock or group membership (R8).

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "events/fold.hpp"

namespace teamflow::commands {

/// What became of a commit that was handed to the log.
struct settled_commit {
    std::uint64_t token = 0;
    /// True: it is in the fold, durably. False: it definitely is not and never will be.
    bool happened = false;
    /// Offset of its last record when it happened.
    events::offset last = -1;
};

using settled_commits = std::vector<settled_commit>;

class ownership {
public:
    enum class phase {
        idle,      ///< not the owner
        claiming,  ///< a claim is under way; nothing may be decided
        owning,    ///< decisions are made on the state folded to the claim and what came after
    };

    /// Goes on from a fold's checkpoint (of the archive).
    explicit ownership(const events::checkpoint& from) : fold_(from), accounted_(from.at) {}

    [[nodiscard]] phase now() const { return phase_; }

    [[nodiscard]] const events::epoch& reign() const { return reign_; }

    /// The number that the next record gets in the current epoch.
    [[nodiscard]] std::int64_t next_sequence() const { return next_sequence_; }

    [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

    /// The newest offset known to be in the log and accounted for.
    [[nodiscard]] events::offset accounted() const { return accounted_; }

    /// The fold as far as records were seen; its ghosts are worth a metric.
    [[nodiscard]] const events::partition_fold& fold() const { return fold_; }

    /// R1: a claim of `writer` is being appended. From now on until claimed() nothing is decided.
    void claim(events::writer_id writer);

    /// R2: registers a commit of `records` records about to be appended; returns the sequence
    /// number of its first record. Only while owning.
    std::int64_t append(std::uint64_t token, std::int64_t records);

    /// R5: the log reports the records `first_sequence` to `last_sequence` of `reign` durable at
    /// consecutive offsets, the last one at `last`. Without an offset, or with one that does not
    /// follow everything acknowledged so far, the records seen by see() decide later: an offset
    /// that only adds up over an unanswered earlier batch proves nothing about that one's place.
    settled_commits delivered(
        const events::epoch& reign,
        std::int64_t first_sequence,
        std::int64_t last_sequence,
        std::optional<events::offset> last
    );

    /// R3, R6: the next record of the partition, in order of offsets. Becomes owner at its own
    /// newest claim; falls idle at any other claim while owning, and at a ghost of its own epoch
    /// behind a hole: an earlier record is missing there, so no later one can ever count. Throws
    /// events::log_gap.
    settled_commits see(const events::record_ptr& record);

    /// R7: the outcome of something in flight is unknown. Stops deciding until a new claim is seen;
    /// commits in flight stay unsettled until then.
    void lost_sight();

    /// True when commits wait for a verdict that only a new claim can bring (R7), or the writer was
    /// told to own and does not.
    [[nodiscard]] bool needs_claim() const { return phase_ == phase::idle; }

private:
    struct commit_in_flight {
        std::uint64_t token;
        events::epoch reign;
        std::int64_t last_sequence;
        std::int64_t records;
    };

    void settle_until(
        const events::epoch& reign,
        std::int64_t last_sequence,
        events::offset last,
        settled_commits& out
    );
    void refuse_all(settled_commits& out);

    events::partition_fold fold_;
    phase phase_ = phase::idle;
    events::writer_id claimant_;
    events::epoch reign_;
    std::int64_t next_sequence_ = 0;
    /// The last offset accounted for: by dense delivery reports or by records seen.
    events::offset accounted_ = -1;
    std::deque<commit_in_flight> in_flight_;
};

}  // namespace teamflow::commands
