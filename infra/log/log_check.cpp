#include "infra/log/log_check.hpp"

#include <utility>

#include <fmt/format.h>

#include "events/time.hpp"

namespace teamflow::infra {

namespace {

using events::record_kind;

std::string_view name_of(record_kind kind) {
    switch (kind) {
        case record_kind::event:
            return "event";
        case record_kind::claim:
            return "claim";
        case record_kind::ghost:
            return "ghost";
        case record_kind::incomplete:
            return "incomplete";
    }
    return "unknown";
}

/// As a writer sent it, before any fold judged it.
events::record_ptr as_sent(const events::record_ptr& archived) {
    if (archived->kind == record_kind::event || archived->kind == record_kind::claim) {
        return archived;
    }
    auto sent = std::make_shared<events::record>(*archived);
    sent->kind = record_kind::event;
    return sent;
}

std::int64_t& count_of(kind_counts& counts, record_kind kind) {
    switch (kind) {
        case record_kind::claim:
            return counts.claims;
        case record_kind::ghost:
            return counts.ghosts;
        case record_kind::incomplete:
            return counts.incomplete;
        default:
            return counts.events;
    }
}

}  // namespace

partition_check::partition_check(
    const events::uuid& log,
    events::partition_id partition,
    std::int32_t partitions,
    std::deque<log_anchor> anchors
)
    : partition_(partition),
      partitions_(partitions),
      chain_(log, partition),
      anchors_(std::move(anchors)) {}

void partition_check::add_fault(events::offset at, std::string what) {
    ++fault_count_;
    if (faults_.size() < faults_max) {
        faults_.push_back({.at = at, .what = std::move(what)});
    }
}

void partition_check::judge(const events::record& record, record_kind is, record_kind found) {
    ++count_of(counts_, is);
    if (is != found) {
        add_fault(
            record.at,
            fmt::format("is kept as {}, but the fold says {}", name_of(found), name_of(is))
        );
    }
}

void partition_check::judge_open(record_kind is) {
    for (const auto& each : open_) {
        judge(*each.record, is, each.archived_as);
        if (is != record_kind::event) {
            continue;
        }
        chain_.add(*each.record);
        const auto home = events::partition_of(each.record->head.organization, partitions_);
        if (home != partition_) {
            add_fault(
                each.record->at, fmt::format("is of an organization whose partition is {}", home)
            );
        }
    }
    open_.clear();
}

bool partition_check::take(const events::record_ptr& archived) {
    const auto due = fold_.last() + 1;
    if (archived->at != due) {
        add_fault(due, fmt::format("is missing; the next record lies at {}", archived->at));
        return false;
    }
    const auto sent = as_sent(archived);
    switch (fold_.next(sent)) {
        case events::verdict::claim:
            judge_open(record_kind::incomplete);
            judge(*archived, record_kind::claim, archived->kind);
            break;
        case events::verdict::ghost:
            judge(*archived, record_kind::ghost, archived->kind);
            break;
        case events::verdict::open:
            open_.push_back({archived, archived->kind});
            break;
        case events::verdict::event:
            open_.push_back({archived, archived->kind});
            judge_open(record_kind::event);
            break;
    }
    compare_anchors();
    return true;
}

void partition_check::compare_anchors() {
    while (!anchors_.empty() && anchors_.front().at <= fold_.last()) {
        const auto& anchor = anchors_.front();
        ++anchors_checked_;
        if (anchor.head == chain_.head() && anchor.events == chain_.events()) {
            proven_ = anchor.at;
            anchors_.pop_front();
            continue;
        }
        add_fault(
            anchor.at,
            fmt::format(
                "history up to here is not what it was when anchored at {}: {}",
                events::to_string(anchor.made_at),
                proven_ >= 0 ? fmt::format("something changed behind offset {}", proven_)
                             : std::string("something changed at its beginning or later")
            )
        );
        // All later ones differ for the same reason.
        anchors_.clear();
    }
}

void partition_check::end(const events::checkpoint& expected) {
    for (const auto& each : open_) {
        add_fault(each.record->at, "belongs to a commit that the log ends in the middle of");
    }
    if (fold_.last() < expected.at) {
        add_fault(fold_.last() + 1, fmt::format("is missing; the log ends at {}", expected.at));
    } else if (fold_.boundary() != expected) {
        add_fault(
            expected.at,
            fmt::format(
                "the log goes on with number {} of the epoch of {}, but the fold with number {} of "
                "that of {}",
                expected.next_sequence,
                expected.reign.claimed_at,
                fold_.boundary().next_sequence,
                fold_.boundary().reign.claimed_at
            )
        );
    }
    for (const auto& anchor : anchors_) {
        add_fault(anchor.at, "was anchored, and the log does not reach it any more");
    }
}

log_anchor partition_check::anchor(events::timestamp now) const {
    return {
        .at = fold_.boundary().at, .events = chain_.events(), .head = chain_.head(), .made_at = now
    };
}

}  // namespace teamflow::infra
