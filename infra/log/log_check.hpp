#pragma once
// Checks the archived records of one partition against a fold of its own; pure.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "events/fold.hpp"
#include "infra/log/log_chain.hpp"

namespace teamflow::infra {

/// One thing that is not as it must be.
struct log_fault {
    /// -1 where it is no single record.
    events::offset at = -1;
    std::string what;
};

/// The chain's head at a moment, kept to prove later that nothing up to there has changed.
struct log_anchor {
    /// A boundary between commits.
    events::offset at = -1;
    /// Valid events up to there.
    std::int64_t events = 0;
    log_chain::hash head{};
    events::timestamp made_at;
};

/// How many records of each kind a partition holds, as the fold says.
struct kind_counts {
    std::int64_t events = 0;
    std::int64_t claims = 0;
    std::int64_t ghosts = 0;
    std::int64_t incomplete = 0;

    [[nodiscard]] std::int64_t all() const { return events + claims + ghosts + incomplete; }
};

/// Takes the records of a partition from offset 0 on, in order. Memory: one open commit, the
/// anchors, and the first faults. One thread.
class partition_check {
public:
    /// Faults that are kept; what is beyond is counted.
    static constexpr std::size_t faults_max = 20;

    /// `anchors` in the order of their offsets.
    partition_check(
        const events::uuid& log,
        events::partition_id partition,
        std::int32_t partitions,
        std::deque<log_anchor> anchors
    );

    /// The next record, of the kind that it is archived as. False when there is a gap, behind which
    /// nothing can be judged: take no more.
    [[nodiscard]] bool take(const events::record_ptr& archived);

    /// The partition's last record was taken. `expected` is where the log says that its fold
    /// stands.
    void end(const events::checkpoint& expected);

    [[nodiscard]] const std::vector<log_fault>& faults() const { return faults_; }

    [[nodiscard]] std::int64_t fault_count() const { return fault_count_; }

    [[nodiscard]] const kind_counts& counts() const { return counts_; }

    [[nodiscard]] std::int64_t anchors_checked() const { return anchors_checked_; }

    /// An anchor of everything up to the last boundary.
    [[nodiscard]] log_anchor anchor(events::timestamp now) const;

    /// A fault that was found elsewhere.
    void add_fault(events::offset at, std::string what);

private:
    struct waiting {
        events::record_ptr record;
        events::record_kind archived_as;
    };

    void judge(const events::record& record, events::record_kind is, events::record_kind found);
    void judge_open(events::record_kind is);
    void compare_anchors();

    events::partition_id partition_;
    std::int32_t partitions_;
    events::partition_fold fold_;
    log_chain chain_;
    std::deque<log_anchor> anchors_;
    /// The last anchor that was as it should be.
    events::offset proven_ = -1;
    /// Records of an open commit.
    std::vector<waiting> open_;
    std::vector<log_fault> faults_;
    std::int64_t fault_count_ = 0;
    std::int64_t anchors_checked_ = 0;
    kind_counts counts_;
};

}  // namespace teamflow::infra
