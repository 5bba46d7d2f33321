#include "tests/unit/model_referee.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace teamflow::tests {

void folded_state::apply(std::uint64_t attempt, std::uint64_t token) {
    chain = dice(chain ^ (attempt * 2 + 1)).number();
    tokens.insert(token);
}

std::size_t attempt_of(const events::record& record) {
    return static_cast<std::size_t>(record.head.stream_version);
}

events::record_ptr as_read(
    const events::record_ptr& record, const events::partition_fold& fold, rule_change change
) {
    const bool event = record->kind == events::record_kind::event;
    auto changed = std::make_shared<events::record>(*record);
    if (change == rule_change::no_sequence && event && record->reign == fold.reign()) {
        changed->sequence = fold.next_sequence();
    } else if (change == rule_change::torn_commits && event) {
        changed->commit = {.id = record->commit.id, .index = 0, .count = 1};
    } else if (change == rule_change::counter_as_epoch && event &&
               record->reign.writer == fold.reign().writer) {
        changed->reign = fold.reign();
    } else if (change == rule_change::counter_as_epoch && !event &&
               !(fold.reign().writer < record->reign.writer)) {
        changed->kind = events::record_kind::ghost;
    } else {
        return record;
    }
    return changed;
}

void referee::happened(std::size_t number, std::optional<events::offset> at) {
    attempts_[number].happened = true;
    attempts_[number].at = at;
    ++result.acknowledged;
    contradiction(number);
}

void referee::refused(std::size_t number) {
    attempts_[number].refused = true;
    ++result.refused;
    contradiction(number);
}

void referee::contradiction(std::size_t number) {
    if (attempts_[number].happened && attempts_[number].refused) {
        violated(fmt::format("attempt {} was both acknowledged and refused", number));
    }
}

void referee::judge_commit(std::span<const events::record_ptr> commit, folded_state& state) {
    const std::size_t number = attempt_of(*commit.front());
    const attempt& made = attempts_[number];
    seen_records_[number] += commit.size();
    if (place_[number]) {
        return violated(fmt::format("attempt {} is in the fold twice", number));
    }
    if (made.refused) {
        violated(fmt::format("attempt {} was refused and is in the fold", number));
    }
    if (made.decided_on != state.chain) {
        violated(fmt::format("attempt {} was decided on another prefix", number));
    }
    if (state.tokens.contains(made.token)) {
        violated(fmt::format("token {} is in the fold twice", made.token));
    }
    place_[number] = commit.back()->at;
    state.apply(number, made.token);
}

void referee::judge_answers(const folded_state& state) {
    for (std::size_t number = 0; number < attempts_.size(); ++number) {
        const attempt& made = attempts_[number];
        if (made.happened && !place_[number]) {
            violated(fmt::format("attempt {} was acknowledged and is not in the fold", number));
        }
        if (made.happened && made.at && made.at != place_[number]) {
            violated(fmt::format("attempt {} was acknowledged with a wrong offset", number));
        }
        if (place_[number] && seen_records_[number] != made.records) {
            violated(fmt::format("attempt {} counts in part", number));
        }
    }
    for (const auto token : promised_) {
        if (!state.tokens.contains(token)) {
            violated(fmt::format("token {} was said to have happened", token));
        }
    }
}

void referee::judge_reader(
    std::span<const events::record_ptr> log, const saved_checkpoint& from, rule_change change
) {
    events::partition_fold fold(from.place);
    folded_state state = from.state;
    auto expected = std::ranges::upper_bound(
        truth_, from.place.at, {}, &std::pair<events::offset, std::uint64_t>::first
    );
    for (const auto& record : log.subspan(static_cast<std::size_t>(from.place.at + 1))) {
        if (fold.next(as_read(record, fold, change)) == events::verdict::event) {
            const std::size_t number = attempt_of(*fold.commit().front());
            state.apply(number, attempts_[number].token);
            if (expected == truth_.end() || *expected != std::pair(record->at, state.chain)) {
                return violated(fmt::format("a reader from {} sees others", from.place.at));
            }
            ++expected;
        }
    }
    if (expected != truth_.end()) {
        violated(fmt::format("a reader from {} misses commits", from.place.at));
    }
}

void referee::judge(
    std::span<const events::record_ptr> log,
    const std::vector<saved_checkpoint>& checkpoints,
    rule_change change
) {
    place_.resize(attempts_.size());
    seen_records_.resize(attempts_.size());
    events::partition_fold fold;
    folded_state state;
    for (const auto& record : log) {
        const auto verdict = fold.next(as_read(record, fold, change));
        result.discarded += fold.discarded().size();
        result.claims += verdict == events::verdict::claim ? 1 : 0;
        if (verdict == events::verdict::event) {
            judge_commit(fold.commit(), state);
            truth_.emplace_back(record->at, state.chain);
        }
    }
    result.ghosts = static_cast<std::size_t>(fold.ghosts());
    judge_answers(state);
    for (const auto& checkpoint : checkpoints) {
        judge_reader(log, checkpoint, change);
    }
}

}  // namespace teamflow::tests
