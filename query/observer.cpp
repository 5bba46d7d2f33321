#include "query/observer.hpp"

#include <utility>

#include <fmt/format.h>

namespace teamflow::query {

namespace {

struct verdict {
    health_state state = health_state::moving;
    std::string reason;
};

std::string with_parked(std::string reason, std::int64_t parked) {
    return parked == 0 ? reason : fmt::format("{}; {} events wait for an operator", reason, parked);
}

/// What stands still is told before what is left out: it may be why nothing goes on.
verdict judge_owned(
    const follower_sample& sample, std::chrono::milliseconds still, bool is_patient
) {
    if (!sample.behind) {
        return {
            health_state::stalled, with_parked("the log's end cannot be asked for", sample.parked)
        };
    }
    if (*sample.behind > 0 && !is_patient) {
        auto reason = fmt::format(
            "{} records behind the log's end, and has not moved for {} s",
            *sample.behind,
            std::chrono::duration_cast<std::chrono::seconds>(still).count()
        );
        return {health_state::stalled, with_parked(std::move(reason), sample.parked)};
    }
    if (sample.parked > 0) {
        return {health_state::parked, fmt::format("{} events wait for an operator", sample.parked)};
    }
    if (*sample.behind == 0) {
        return {health_state::caught_up, "at the log's end"};
    }
    return {health_state::moving, fmt::format("{} records behind the log's end", *sample.behind)};
}

verdict judge_alone(const follower_sample& sample, bool is_patient) {
    if (is_patient) {
        return {health_state::moving, "no process has taken over " + sample.unattended + " yet"};
    }
    return {health_state::ownerless, "no living process is at work on " + sample.unattended};
}

}  // namespace

void observer::see(events::timestamp now, std::span<const follower_sample> all) {
    std::map<std::string, memory, std::less<>> known;
    healths_.clear();
    for (const auto& sample : all) {
        auto before = known_.extract(sample.name);
        auto& entry = known[sample.name];
        if (before) {
            entry = std::move(before.mapped());
        } else {
            entry.moved_at = now;
            entry.health.since = now;
        }
        entry.health = judge(now, sample, entry);
        healths_.push_back(entry.health);
    }
    known_ = std::move(known);
}

follower_health observer::judge(events::timestamp now, const follower_sample& sample, memory& known)
    const {
    if (sample.reached != known.reached || sample.behind.value_or(0) == 0) {
        known.moved_at = now;
        known.reached = sample.reached;
    }
    auto take_over = known.health.last_take_over_ms;
    if (sample.unattended.empty()) {
        if (known.alone_since) {
            take_over = (now - *known.alone_since).count();
        }
        known.alone_since.reset();
    } else if (!known.alone_since) {
        known.alone_since = now;
    }
    const auto still = now - known.moved_at;
    auto verdict = known.alone_since ? judge_alone(sample, now - *known.alone_since < hand_over_)
                                     : judge_owned(sample, still, still < patience_);
    auto since = verdict.state == known.health.state ? known.health.since : now;
    if (verdict.state == health_state::ownerless) {
        since = *known.alone_since;
    }
    return {
        .subject = sample.name,
        .state = verdict.state,
        .reason = std::move(verdict.reason),
        .since = since,
        .last_take_over_ms = take_over
    };
}

}  // namespace teamflow::query
