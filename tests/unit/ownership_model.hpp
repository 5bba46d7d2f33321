#pragma once
// The ownership protocol (rules R1 to R7) as a model: several writers, each with the real
// commands::ownership and events::partition_fold, on one simulated partition under a schedule.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace teamflow::tests {

/// The rules as they are, or with one of them broken: the control that the checks can fail.
enum class rule_change {
    none,
    no_sequence,              ///< R2: any record of the current epoch is valid
    counter_as_epoch,         ///< R1: an epoch is a number, one higher than the last one seen
    no_density,               ///< R5: any success is an acknowledgement
    decide_before_the_claim,  ///< R4: decide on the state from before the own claim
    refuse_on_time_out,       ///< R7: an unknown outcome is told as a refusal
    torn_commits,             ///< R3: each record of a commit counts by itself
    checkpoint_anywhere,      ///< a fold goes on from the middle of a commit
};

/// Each choice is one step: which thing happens, to whom, how. The first one also sets how wild the
/// run is. Ends with a phase in which everything works again and a last writer must succeed.
using schedule = std::span<const std::uint64_t>;

struct model_result {
    /// What was violated, in words; nullopt when every invariant held.
    std::optional<std::string> violation;
    /// How much happened, so that a test can tell a check that saw nothing.
    std::size_t acknowledged = 0;
    std::size_t refused = 0;
    std::size_t ghosts = 0;
    std::size_t claims = 0;
    std::size_t discarded = 0;
};

model_result run_ownership_model(schedule choices, rule_change change);

}  // namespace teamflow::tests
