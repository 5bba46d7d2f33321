#pragma once
// Process managers: rules over time and over many streams, carried out as commands.
//
// The work that is pending lies in a read model, which events fill and empty; so a process manager
// has no state of its own to lose. What is due is sent as a command, as often as it is found due:
// the decider refuses or ignores what is done already, so each step takes effect once (E9).

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/writer/command_router.hpp"
#include "infra/clock.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::commands {

/// The event that something became due by, and the request that it came of.
struct due_cause {
    events::uuid event{};
    events::uuid correlation_id{};
};

/// One thing that is due: an organization and what is to be done there.
struct due_command {
    events::organization_id organization;
    std::unique_ptr<any_command> command;
    /// On whose behalf: the id of a user, or a name of its own. Empty: of the process manager.
    std::string actor = {};
    /// Where no decider can see that it is done already: what it is done once for.
    std::string once = {};
    std::optional<due_cause> cause = {};
};

/// A process manager is a value: where its due work stands, and the command that does one piece.
struct process_manager {
    /// Acts under the name `system:<name>` unless a command is on behalf of somebody.
    std::string_view name;
    /// Selects due rows; $1 is now, $2 the most rows wanted.
    infra::postgres::statement due;
    due_command (*make)(const infra::postgres::result& rows, std::size_t row);
};

/// Every process manager of the program: this is where a new one is made known.
std::span<const process_manager> process_managers();

/// Runs all process managers on one executor, in every gateway: whose command comes second does
/// nothing.
class process_runner {
public:
    struct parts {
        infra::postgres::pool& database;
        command_router& commands;
        const infra::clock& clock;
    };

    process_runner(
        boost::asio::any_io_executor executor, parts with, std::chrono::milliseconds interval
    );

    /// Returns after stop().
    infra::task<> run();

    /// From any thread.
    void stop();

    /// Commands sent since the start.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

private:
    infra::task<> carry_out(const process_manager& what);

    parts with_;
    std::chrono::milliseconds interval_;
    std::shared_ptr<infra::wakeup> stopped_;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::uint64_t> sent_ = 0;
};

}  // namespace teamflow::commands
