#include "commands/writer/ownership.hpp"

#include <algorithm>
#include <stdexcept>

#include "events/broken_rule.hpp"

namespace teamflow::commands {

void ownership::claim(events::writer_id writer) {
    phase_ = phase::claiming;
    claimant_ = writer;
}

std::int64_t ownership::append(std::uint64_t token, std::int64_t records) {
    if (phase_ != phase::owning || records < 1) {
        throw std::logic_error("only an owner appends, and never an empty commit");
    }
    const std::int64_t first = next_sequence_;
    next_sequence_ += records;
    in_flight_.push_back(
        {.token = token, .reign = reign_, .last_sequence = next_sequence_ - 1, .records = records}
    );
    return first;
}

settled_commits ownership::delivered(
    const events::epoch& reign,
    std::int64_t first_sequence,
    std::int64_t last_sequence,
    std::optional<events::offset> last
) {
    settled_commits out;
    // A report from an epoch that ended says nothing: the next claim, read back, decides (R7).
    if (phase_ != phase::owning || reign != reign_ || !last || in_flight_.empty()) {
        return out;
    }
    const auto& oldest = in_flight_.front();
    const std::int64_t unsettled_from = oldest.last_sequence - oldest.records + 1;
    // Dense: nothing, and so no claim, lies between what is accounted for and these records.
    const bool dense = *last == accounted_ + last_sequence - unsettled_from + 1;
    if (unsettled_from >= first_sequence && unsettled_from <= last_sequence &&
        (dense || events::is_broken(events::rule::density))) {
        settle_until(reign, last_sequence, *last, out);
    }
    return out;
}

settled_commits ownership::see(const events::record_ptr& record) {
    settled_commits out;
    const auto verdict = fold_.next(record);
    accounted_ = std::max(accounted_, record->at);
    if (verdict == events::verdict::event) {
        settle_until(record->reign, record->sequence, record->at, out);
    } else if (verdict == events::verdict::claim) {
        const bool own_newest = phase_ == phase::claiming && record->reign.writer == claimant_;
        // Whatever was in flight under an earlier epoch and not seen before this claim is a ghost
        // for ever, whoever claimed.
        refuse_all(out);
        reign_ = fold_.reign();
        next_sequence_ = 0;
        if (own_newest) {
            phase_ = phase::owning;
        } else if (phase_ == phase::owning) {
            phase_ = phase::idle;
        }
    } else if (verdict == events::verdict::ghost && phase_ == phase::owning &&
               record->reign == reign_ && record->sequence >= fold_.next_sequence()) {
        phase_ = phase::idle;
    }
    return out;
}

void ownership::lost_sight() {
    phase_ = phase::idle;
}

void ownership::settle_until(
    const events::epoch& reign,
    std::int64_t last_sequence,
    events::offset last,
    settled_commits& out
) {
    // Offsets count back from the last one: between records of one dense run nothing else lies.
    std::size_t count = 0;
    while (count < in_flight_.size() && in_flight_[count].reign == reign &&
           in_flight_[count].last_sequence <= last_sequence) {
        ++count;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto& commit = in_flight_.front();
        out.push_back(
            {.token = commit.token,
             .happened = true,
             .last = last - (last_sequence - commit.last_sequence)}
        );
        in_flight_.pop_front();
    }
    accounted_ = std::max(accounted_, last);
}

void ownership::refuse_all(settled_commits& out) {
    for (const auto& commit : in_flight_) {
        out.push_back({.token = commit.token, .happened = false});
    }
    in_flight_.clear();
}

}  // namespace teamflow::commands
