#include "events/fold.hpp"

#include <utility>

#include "events/broken_rule.hpp"

namespace teamflow::events {

log_gap::log_gap(partition_id partition, offset expected, offset got)
    : std::runtime_error(
          "partition " + std::to_string(partition) + ": expected the record at offset " +
          std::to_string(expected) + ", got offset " + std::to_string(got)
      ) {}

partition_fold::partition_fold(const checkpoint& from)
    : boundary_(from), last_(from.at), next_sequence_(from.next_sequence) {}

bool partition_fold::continues_open_commit(const record& record) const {
    const commit_mark& mark = record.commit;
    if (open_.empty()) {
        return mark.index == 0 && mark.count >= 1;
    }
    const commit_mark& first = open_.front()->commit;
    return mark.id == first.id && mark.count == first.count &&
           std::cmp_equal(mark.index, open_.size());
}

verdict partition_fold::next(record_ptr record) {
    if (record->at != last_ + 1) {
        throw log_gap(record->partition, last_ + 1, record->at);
    }
    last_ = record->at;
    commit_.clear();
    discarded_.clear();
    if (record->kind == record_kind::claim) {
        discarded_.swap(open_);
        next_sequence_ = 0;
        boundary_ = {.at = last_, .reign = {last_, record->reign.writer}, .next_sequence = 0};
        return verdict::claim;
    }
    const bool current = record->kind == record_kind::event && boundary_.reign.claimed_at >= 0 &&
                         record->reign == boundary_.reign;
    const bool expected = record->sequence == next_sequence_ || is_broken(rule::sequence);
    if (!current || !expected || !continues_open_commit(*record)) {
        ++ghosts_;
        if (open_.empty()) {
            boundary_.at = last_;
        }
        return verdict::ghost;
    }
    ++next_sequence_;
    const bool whole = record->commit.index + 1 == record->commit.count;
    open_.push_back(std::move(record));
    if (!whole) {
        return verdict::open;
    }
    commit_.swap(open_);
    boundary_.at = last_;
    boundary_.next_sequence = next_sequence_;
    return verdict::event;
}

}  // namespace teamflow::events
