#pragma once

// Rules of ownership and of the feeds that a test build can break, to show that the checks of the
// simulator and of the fault tests notice. Always whole in other builds.

namespace teamflow::events {

enum class rule {
    sequence,   ///< R3: only the expected number of the current epoch counts
    read_back,  ///< R4: nothing is decided before everything up to the own claim is there
    density,    ///< R5: only the next offset is an acknowledgement
    /// None of ours: Kafka drops what a producer sends again. R8: whole or broken, nothing changes.
    idempotence,
    /// A feed is live once the archive has come to the place where it joined the tail.
    feed_join,
};

#ifdef TEAMFLOW_FAILPOINTS
/// Before anything else runs; those that were broken before stay so.
void break_rule(rule which);
bool is_broken(rule which);
#else
constexpr bool is_broken(rule /*which*/) {
    return false;
}
#endif

}  // namespace teamflow::events
