#pragma once
// What can go wrong in one run, and how often: all of it follows from the run's seed.

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/support/dice.hpp"

namespace teamflow::sim {

using std::chrono::milliseconds;

/// How the simulated log treats what arrives.
enum class log_manner {
    careless,    ///< writes every packet that comes: repeated and out of order, too
    idempotent,  ///< Kafka's idempotent producer: each packet once and in order, while it remembers
    checking,    ///< like PostgreSQL: whole batches, at once durable, only of the current epoch
};

/// Chances are in percent, intervals the mean time between two faults of a kind (0: never).
struct fault_rates {
    log_manner manner = log_manner::careless;
    std::size_t loss = 0;
    std::size_t replay = 0;
    std::size_t fault = 0;
    /// That a crash of the log destroys what it has not made durable.
    std::size_t damage = 0;
    /// That a success is reported without its offset.
    std::size_t no_offset = 0;
    /// That a batch travels in several packets.
    std::size_t split = 0;
    milliseconds delay_max{0};
    milliseconds late_max{0};
    milliseconds node_crash{0};
    milliseconds node_freeze{0};
    milliseconds node_cut{0};
    milliseconds log_crash{0};
    milliseconds foreign_write{0};
    milliseconds membership{0};
    milliseconds archive_interval{0};
    milliseconds archive_stop{0};
    milliseconds message_timeout{0};
    /// A node is stopped in order and started again.
    milliseconds node_stop{0};
    std::size_t followers = 0;
    /// That a follower takes its time with a message.
    std::size_t slowness = 0;
    milliseconds follower_break{0};

    /// The rates of a seed; each kind of fault is absent from about a third of the seeds.
    static fault_rates draw(tests::dice& chance);
};

/// In one line, for the report of a run.
std::string to_string(const fault_rates& rates);

}  // namespace teamflow::sim
