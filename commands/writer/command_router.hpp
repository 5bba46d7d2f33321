#pragma once
// Which process decides a command: this one, or the one that owns the partition.

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <variant>

#include "commands/writer/command_service.hpp"
#include "commands/writer/command_wire.hpp"

namespace teamflow::commands {

/// A command that was not decided as far as the sender knows.
struct undelivered {
    /// True when it may have been decided all the same: it was sent, and no answer came.
    bool may_have_happened = false;
    std::string why;
};

/// How long an answer is waited for.
struct answer_patience {
    std::chrono::steady_clock::time_point until;
    /// Asked now and then: false when the other process lost the partition, so that it soon has an
    /// answer or never will.
    std::function<bool()> is_worthwhile;
};

/// The way to other processes; each router has one on its own thread.
class remote_commands {
public:
    remote_commands() = default;
    remote_commands(const remote_commands&) = delete;
    remote_commands& operator=(const remote_commands&) = delete;
    virtual ~remote_commands() = default;

    /// Has the command decided at `address`. Throws std::runtime_error when the other process
    /// failed at it (as execute() here would throw).
    virtual infra::task<std::variant<command_outcome, undelivered>> send(
        std::string address, command_request request, answer_patience patience
    ) = 0;
};

/// How often commands were sent to other processes, over all routers; read from any thread.
struct routing_counters {
    std::atomic<std::uint64_t> forwarded = 0;
    /// Of these: not taken there, so that another try was needed or the command given up.
    std::atomic<std::uint64_t> undelivered = 0;
    /// Sent by other processes and executed here, or not because the partition was not owned.
    std::atomic<std::uint64_t> received = 0;
    std::atomic<std::uint64_t> misdirected = 0;
};

/// Lives on one I/O thread; the service behind it is shared. Correctness does not depend on where
/// commands are sent: whoever does not own the partition cannot append (architecture.md, R8).
class command_router {
public:
    struct limits {
        /// How long a command waits for a process that owns its partition.
        std::chrono::milliseconds owner_wait{5000};
        /// How long for the answer of that process: longer than its own limits of waiting.
        std::chrono::milliseconds answer_wait{20'000};
        /// Between two looks at who owns the partition; longer each time.
        std::chrono::milliseconds pause_min{10};
        std::chrono::milliseconds pause_max{160};
    };

    /// All must outlive the router.
    command_router(
        command_service& here, remote_commands& elsewhere, routing_counters& counters, limits how
    );

    /// Decides a command, wherever that is. A command that certainly was not decided is sent again
    /// while there is time, and so is one with an idempotency key; without a key a lost answer is
    /// `outcome_unknown`. On this router's thread.
    infra::task<command_outcome> execute(command_request request);

    /// Decides a command that another process sent here; nullopt when this process does not own the
    /// partition. Never sends it on.
    infra::task<owner_answer> execute_here(command_request request);

    /// Whether commands of the partition are decided here now.
    [[nodiscard]] bool owns(events::partition_id partition) const {
        return here_.writer(partition).counters().owning;
    }

    /// partition_writer::seen_claims
    [[nodiscard]] std::vector<seen_claim> seen_claims(events::partition_id partition) const {
        return here_.writer(partition).seen_claims();
    }

    [[nodiscard]] std::int32_t partitions() const { return here_.partitions(); }

private:
    infra::task<std::variant<command_outcome, undelivered>> attempt(const command_request& request);

    command_service& here_;
    remote_commands& elsewhere_;
    routing_counters& counters_;
    limits limits_;
};

}  // namespace teamflow::commands
