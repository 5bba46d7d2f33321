#pragma once
// Judges whether the log's partitions and read models are well, from what is seen and nobody's
// word.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/time.hpp"

namespace teamflow::query {

enum class health_state : std::uint8_t {
    caught_up,  ///< at the log's end
    moving,     ///< behind it and coming nearer, or about to be taken over
    stalled,    ///< behind it, and has not moved for a time; or the end cannot be asked for
    parked,     ///< goes on without events that an operator has to look at
    ownerless,  ///< for a time no living process has been at work on it, or on a part of it
};
BOOST_DESCRIBE_ENUM(health_state, caught_up, moving, stalled, parked, ownerless)

/// What follows the log, at one moment: a partition with its archive, or a read model.
struct follower_sample {
    /// `partition 3`, `projection tasks`.
    std::string name;
    /// Records between it and the log's end; null when the end cannot be asked for.
    std::optional<std::int64_t> behind;
    /// Grows whenever it moves: its offset, summed over partitions.
    std::int64_t reached = 0;
    /// Events that wait for an operator.
    std::int64_t parked = 0;
    /// What of it no process that gave a sign of life is at work on; empty when all is taken.
    std::string unattended;
};

struct follower_health {
    std::string subject;
    health_state state = health_state::moving;
    std::string reason;
    /// When this state, or what led to ownerless, was first seen by the observer that is asked.
    events::timestamp since;
    /// How long the newest change of owner took, as far as it was seen; null when none was.
    std::optional<std::int64_t> last_take_over_ms;
};
BOOST_DESCRIBE_STRUCT(follower_health, (), (subject, state, reason, since, last_take_over_ms))

/// Keeps what it saw before, for a state is a matter of two moments at least. One thread.
class observer {
public:
    /// How long something behind the end may stand still before it is called stalled, and how long
    /// it may be without an owner before it is called ownerless: as long as two processes take to
    /// tell that one gave it up and the other one has it.
    observer(std::chrono::milliseconds patience, std::chrono::milliseconds hand_over)
        : patience_(patience), hand_over_(hand_over) {}

    /// Everything there is at this moment; what is not among it any more is forgotten.
    void see(events::timestamp now, std::span<const follower_sample> all);

    /// In the order of the newest samples.
    [[nodiscard]] const std::vector<follower_health>& all() const { return healths_; }

private:
    struct memory {
        std::int64_t reached = 0;
        events::timestamp moved_at;
        /// Since when it has been without an owner; null while it has one.
        std::optional<events::timestamp> alone_since;
        follower_health health;
    };

    [[nodiscard]] follower_health judge(
        events::timestamp now, const follower_sample& sample, memory& known
    ) const;

    std::chrono::milliseconds patience_;
    std::chrono::milliseconds hand_over_;
    std::map<std::string, memory, std::less<>> known_;
    std::vector<follower_health> healths_;
};

}  // namespace teamflow::query
