#include "tests/sim/judge.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "commands/writer/answer.hpp"
#include "commands/writer/snapshot_format.hpp"
#include "events/registry.hpp"

namespace teamflow::sim {

namespace {

using interval = std::pair<events::offset, events::offset>;

/// When `was` said `wanted`: from the first offset to before the second.
std::vector<interval> times_of(
    const std::vector<std::pair<events::offset, state_hash>>& was, state_hash wanted
) {
    std::vector<interval> times;
    for (std::size_t i = 0; i < was.size(); ++i) {
        if (was[i].second == wanted) {
            const auto until =
                i + 1 < was.size() ? was[i + 1].first : std::numeric_limits<events::offset>::max();
            times.emplace_back(was[i].first, until);
        }
    }
    return times;
}

std::vector<interval> common(
    const std::vector<interval>& left, const std::vector<interval>& right
) {
    std::vector<interval> both;
    for (const auto& a : left) {
        for (const auto& b : right) {
            const interval part{std::max(a.first, b.first), std::min(a.second, b.second)};
            if (part.first < part.second) {
                both.push_back(part);
            }
        }
    }
    return both;
}

}  // namespace

void judge::fold(events::partition_id partition, std::span<const events::record_ptr> log) {
    events::partition_fold fold;
    for (const auto& record : log) {
        if (fold.next(record) == events::verdict::event) {
            take(fold.commit());
        }
    }
    if (fold.last() + 1 != std::ssize(log)) {
        throw violation(fmt::format("partition {} is not dense", partition));
    }
    ghosts_ += fold.ghosts();
}

void judge::take(std::span<const events::record_ptr> commit) {
    const auto& head = commit.front()->head;
    auto [found, fresh] = organizations_.try_emplace(head.organization);
    auto& at = found->second;
    if (fresh) {
        at.was.emplace_back(-1, hash_of(at.directory));
    }
    check_decision(commit, at);
    valid_commit made{
        .partition = commit.front()->partition,
        .last = commit.back()->at,
        .resource = {},
        .once = commit.back()->once,
        .versions = {}
    };
    for (const auto& record : commit) {
        auto& [folded, was] = at.streams[record->head.stream];
        if (record->head.stream_version != folded.version + 1) {
            throw violation(fmt::format(
                "offset {}: {} goes from version {} to {}",
                record->at,
                record->head.stream,
                folded.version,
                record->head.stream_version
            ));
        }
        check_timers(*record);
        at.published.push_back(record);
        commands::apply_record(folded, *record);
        commands::apply_record(at.directory, *record);
        made.versions[record->head.stream] = folded.version;
    }
    for (const auto& [name, version] : made.versions) {
        auto& changed = at.streams.at(name);
        changed.was.emplace_back(made.last, hash_of(head.organization, name, changed.folded));
    }
    at.was.emplace_back(made.last, hash_of(at.directory));
    if (made.once && !keys_.emplace(made.once->key, attempt_of(head.correlation_id)).second) {
        throw violation(fmt::format("key {} took effect twice", made.once->key));
    }
    const auto attempt = attempt_of(head.correlation_id);
    if (attempt != 0 && !commits_.emplace(attempt, std::move(made)).second) {
        throw violation(fmt::format("attempt {} took effect twice", attempt));
    }
}

void judge::check_decision(std::span<const events::record_ptr> commit, organization& at) {
    const auto& first = *commit.front();
    const auto attempt = attempt_of(first.head.correlation_id);
    if (attempt == 0) {
        return;
    }
    const auto* decided = history_.find(first.commit.id);
    if (decided == nullptr || decided->attempt != attempt) {
        throw violation(fmt::format("offset {}: nobody decided this commit", first.at));
    }
    if (decided->directory != at.was.back().second) {
        throw violation(
            fmt::format("offset {}: decided on another directory than the fold's", first.at)
        );
    }
    for (const auto& [name, hash] : decided->streams) {
        const auto known = at.streams.find(name);
        const auto now =
            known == at.streams.end() ? hash_at_start(name) : known->second.was.back().second;
        if (hash != now) {
            throw violation(
                fmt::format("offset {}: decided on another {} than the fold's", first.at, name)
            );
        }
    }
}

void judge::check_timers(const events::record& record) {
    const auto event = events::decode(record.head.type, record.head.schema_version, record.data);
    if (!event) {
        throw violation(fmt::format("offset {}: an unknown event", record.at));
    }
    if (const auto* started = std::get_if<events::timer_started>(&*event)) {
        const auto place = std::pair(started->task_id, started->user_id);
        if (!running_.emplace(place, started->time_log_id).second) {
            throw violation(fmt::format("offset {}: a second timer of one user", record.at));
        }
    } else if (const auto* stopped = std::get_if<events::timer_stopped>(&*event)) {
        running_.erase({stopped->task_id, stopped->user_id});
    } else if (const auto* discarded = std::get_if<events::timer_discarded>(&*event)) {
        running_.erase({discarded->task_id, discarded->user_id});
    }
}

state_hash judge::hash_at_start(const std::string& name) const {
    return hash_of({}, name, {});
}

void judge::judge_answers() const {
    for (const auto& [attempt, made] : history_.attempts()) {
        if (!made.outcome) {
            continue;
        }
        const bool happened = commits_.contains(attempt);
        if (const auto* reply = std::get_if<commands::command_reply>(&*made.outcome)) {
            check_reply(attempt, made, *reply);
        } else if (const auto* refused = std::get_if<commands::refusal>(&*made.outcome)) {
            if (happened) {
                throw violation(fmt::format("attempt {} was refused and happened", attempt));
            }
            if (refused->code == commands::refusal_code::idempotency_key_reused) {
                throw violation(fmt::format("attempt {}: its key is another's", attempt));
            }
            if (made.decided) {
                check_basis(attempt, *made.decided);
            }
        } else if (std::get<commands::unavailable>(*made.outcome).code != "outcome_unknown" &&
                   happened) {
            throw violation(fmt::format("attempt {} was unavailable and happened", attempt));
        }
    }
}

void judge::check_reply(
    std::uint64_t attempt, const attempt_made& made, const commands::command_reply& reply
) const {
    if (reply.replayed) {
        return check_replay(attempt, reply);
    }
    if (!made.decided) {
        throw violation(fmt::format("attempt {} has an answer without a decision", attempt));
    }
    if (!made.decided->made_events) {
        return check_basis(attempt, *made.decided);
    }
    const auto found = commits_.find(attempt);
    if (found == commits_.end()) {
        throw violation(fmt::format("attempt {} was acknowledged and is not there", attempt));
    }
    const auto& commit = found->second;
    if (commit.last != reply.at.at || commit.partition != reply.at.partition) {
        throw violation(fmt::format(
            "attempt {} was acknowledged at {} and lies at {}", attempt, reply.at.at, commit.last
        ));
    }
    const auto version = commit.versions.find(reply.stream);
    if (version != commit.versions.end() && version->second != reply.version) {
        throw violation(fmt::format("attempt {} was told a wrong version", attempt));
    }
}

void judge::check_replay(std::uint64_t attempt, const commands::command_reply& reply) const {
    for (const auto& [number, commit] : commits_) {
        if (commit.last != reply.at.at || commit.partition != reply.at.partition || !commit.once) {
            continue;
        }
        const auto same_operation =
            history_.attempts().at(number).operation == history_.attempts().at(attempt).operation;
        const auto kept = commands::from_answer(commit.once->answer);
        if (!same_operation || kept.body != reply.body || kept.stream != reply.stream ||
            kept.version != reply.version) {
            throw violation(fmt::format("attempt {} got another answer than the first", attempt));
        }
        return;
    }
    throw violation(fmt::format("attempt {} repeats what is not there", attempt));
}

/// What changed nothing must at least have been decided on some state that was.
void judge::check_basis(std::uint64_t attempt, const decision_made& decided) const {
    const auto& at = organizations_.at(decided.organization);
    auto times = times_of(at.was, decided.directory);
    for (const auto& [name, hash] : decided.streams) {
        const auto known = at.streams.find(name);
        past was{{-1, hash_at_start(name)}};
        if (known != at.streams.end()) {
            was.insert(was.end(), known->second.was.begin(), known->second.was.end());
        }
        times = common(times, times_of(was, hash));
    }
    if (times.empty()) {
        throw violation(fmt::format("attempt {} was answered on a state that never was", attempt));
    }
}

}  // namespace teamflow::sim
