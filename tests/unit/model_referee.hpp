#pragma once
// The judge of an ownership model run: knows every decision that was made and what clients were
// told, and checks it all against the log as it stands at the end.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "events/fold.hpp"
#include "tests/unit/ownership_model.hpp"
#include "tests/unit/simulated_log.hpp"

namespace teamflow::tests {

/// What the valid events add up to. `chain` stands for a state of any size: it depends on every
/// commit and their order.
struct folded_state {
    std::uint64_t chain = 1;
    std::set<std::uint64_t> tokens;

    void apply(std::uint64_t attempt, std::uint64_t token);
};

/// One decision of one writer. A token (an idempotency key) may be attempted again after a refusal
/// or when its answer was lost.
struct attempt {
    std::uint64_t token = 0;
    std::size_t records = 0;
    std::uint64_t decided_on = 0;
    bool happened = false;
    bool refused = false;
    std::optional<events::offset> at;
};

struct saved_checkpoint {
    events::checkpoint place;
    folded_state state;
};

/// Number of the attempt that a record of the model belongs to.
std::size_t attempt_of(const events::record& record);

/// The record as a reader with the broken rule would take it.
events::record_ptr as_read(
    const events::record_ptr& record, const events::partition_fold& fold, rule_change change
);

/// The whole truth of a run, and the judge of it.
class referee {
public:
    std::size_t add(attempt made) {
        attempts_.push_back(made);
        return attempts_.size() - 1;
    }

    [[nodiscard]] const attempt& at(std::size_t number) const { return attempts_[number]; }

    void happened(std::size_t number, std::optional<events::offset> at);
    void refused(std::size_t number);

    /// A client was told that its earlier command had happened.
    void remembered(std::uint64_t token) { promised_.insert(token); }

    void violated(std::string what) {
        if (!result.violation) {
            result.violation = std::move(what);
        }
    }

    /// Every invariant of the log as it stands at the end.
    void judge(
        std::span<const events::record_ptr> log,
        const std::vector<saved_checkpoint>& checkpoints,
        rule_change change
    );

    model_result result;

private:
    void contradiction(std::size_t number);
    void judge_commit(std::span<const events::record_ptr> commit, folded_state& state);
    void judge_answers(const folded_state& state);
    void judge_reader(
        std::span<const events::record_ptr> log, const saved_checkpoint& from, rule_change change
    );

    std::vector<attempt> attempts_;
    std::set<std::uint64_t> promised_;
    std::vector<std::pair<events::offset, std::uint64_t>> truth_;
    std::vector<std::optional<events::offset>> place_;
    std::vector<std::size_t> seen_records_;
};

}  // namespace teamflow::tests
