#include "tests/sim/history.hpp"

#include "commands/writer/snapshot_format.hpp"

namespace teamflow::sim {

namespace {

/// Where partition_writer takes a commit's id from its decision's context.
constexpr std::size_t commit_id_place = 2048;
constexpr std::uint64_t correlation_mark = 0x51D;

}  // namespace

state_hash hash_of(std::string_view text) {
    state_hash hash = 0xcbf29ce484222325ULL;
    for (const char letter : text) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    }
    return hash;
}

state_hash hash_of(const commands::directory& directory) {
    return hash_of(commands::snapshot_of({}, directory, -1).state);
}

state_hash hash_of(
    events::organization_id organization,
    const std::string& stream,
    const commands::folded_stream& folded
) {
    return hash_of(commands::snapshot_of(organization, stream, folded, -1).state);
}

std::uint64_t history::begin(std::uint64_t operation) {
    const std::uint64_t number = attempts_.size() + 1;
    attempts_[number].operation = operation;
    return number;
}

void history::decided(decision_made made, const events::commit_id& commit) {
    attempts_.at(made.attempt).decided = made;
    decisions_.insert_or_assign(commit, std::move(made));
}

void history::answered(std::uint64_t attempt, commands::command_outcome outcome) {
    attempts_.at(attempt).outcome = std::move(outcome);
}

const decision_made* history::find(const events::commit_id& commit) const {
    const auto found = decisions_.find(commit);
    return found == decisions_.end() ? nullptr : &found->second;
}

events::uuid correlation_of(std::uint64_t attempt) {
    return events::make_uuid_v7(1, correlation_mark, attempt);
}

std::uint64_t attempt_of(const events::uuid& correlation) {
    std::uint64_t number = 0;
    for (std::size_t i = 9; i < 16; ++i) {
        number = number << 8U | correlation.data[i];
    }
    return correlation == correlation_of(number) ? number : 0;
}

commands::decision watched_command::decide_on(
    const commands::view& view, const commands::context& context
) const {
    decision_made made{
        .attempt = attempt_,
        .organization = context.organization,
        .directory = hash_of(view.organization()),
        .streams = {},
        .made_events = false
    };
    for (const auto& name : watched_->needs(view.organization(), context)) {
        made.streams.emplace_back(name, hash_of(context.organization, name, view.at(name)));
    }
    auto decided = watched_->decide_on(view, context);
    made.made_events = decided && !decided->empty();
    history_.decided(std::move(made), context.make_id<events::commit_id>(commit_id_place));
    return decided;
}

}  // namespace teamflow::sim
