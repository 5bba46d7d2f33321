#pragma once
// What happened in a run as its clients and its deciders saw it: the judge's evidence.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/writer/command.hpp"
#include "tests/sim/world.hpp"

namespace teamflow::sim {

/// A state in a few bytes: equal for equal states.
using state_hash = std::uint64_t;

state_hash hash_of(std::string_view text);
state_hash hash_of(const commands::directory& directory);
state_hash hash_of(
    events::organization_id organization,
    const std::string& stream,
    const commands::folded_stream& folded
);

/// What one run of a decider saw.
struct decision_made {
    std::uint64_t attempt = 0;
    events::organization_id organization;
    state_hash directory = 0;
    std::vector<std::pair<std::string, state_hash>> streams;
    bool made_events = false;
};

/// One sending of an operation and what came of it at the node; whether the client heard of it is
/// another matter.
struct attempt_made {
    std::uint64_t operation = 0;
    std::optional<commands::command_outcome> outcome;
    /// The last thing that its decider saw.
    std::optional<decision_made> decided;
};

class history {
public:
    /// A new attempt; its number goes into the correlation id of its events.
    std::uint64_t begin(std::uint64_t operation);

    /// A decider ran for an attempt. `commit` is the id that a commit of this decision gets.
    void decided(decision_made made, const events::commit_id& commit);

    void answered(std::uint64_t attempt, commands::command_outcome outcome);

    [[nodiscard]] const std::map<std::uint64_t, attempt_made>& attempts() const {
        return attempts_;
    }

    /// The decision that a commit came from; nullptr for those before the run.
    [[nodiscard]] const decision_made* find(const events::commit_id& commit) const;

    /// Nobody waits in vain: attempts that a live node has not answered yet.
    [[nodiscard]] std::size_t attempts_begun() const { return attempts_.size(); }

private:
    std::map<std::uint64_t, attempt_made> attempts_;
    std::map<events::commit_id, decision_made> decisions_;
};

/// The correlation id of an attempt, and back; 0 when it is none.
events::uuid correlation_of(std::uint64_t attempt);
std::uint64_t attempt_of(const events::uuid& correlation);

/// A command that tells the history what its decider saw.
class watched_command final : public commands::any_command {
public:
    watched_command(
        std::unique_ptr<commands::any_command> watched, history& book, std::uint64_t attempt
    )
        : watched_(std::move(watched)), history_(book), attempt_(attempt) {}

    [[nodiscard]] std::string_view name() const override { return watched_->name(); }

    void write_to(std::string& out) const override { watched_->write_to(out); }

    [[nodiscard]] std::optional<commands::refusal> check(
        const commands::directory& directory, const commands::context& context
    ) const override {
        return watched_->check(directory, context);
    }

    [[nodiscard]] std::vector<std::string> needs(
        const commands::directory& directory, const commands::context& context
    ) const override {
        return watched_->needs(directory, context);
    }

    [[nodiscard]] commands::decision decide_on(
        const commands::view& view, const commands::context& context
    ) const override;

    [[nodiscard]] std::string reply_on(const commands::view& view, const commands::context& context)
        const override {
        return watched_->reply_on(view, context);
    }

private:
    std::unique_ptr<commands::any_command> watched_;
    history& history_;
    std::uint64_t attempt_;
};

}  // namespace teamflow::sim
