#include "tests/unit/simulated_log.hpp"

#include <algorithm>
#include <utility>

namespace teamflow::tests {

simulated_log::producer_id simulated_log::add_producer() {
    producers_.emplace_back();
    return producers_.size() - 1;
}

void simulated_log::send_claim(producer_id producer, events::record claim) {
    under_way_.push_back({producer, std::make_shared<events::record>(std::move(claim))});
}

void simulated_log::send(producer_id producer, infra::append_batch batch) {
    for (const auto& record : batch.records) {
        under_way_.push_back({producer, record});
    }
    const auto count = static_cast<std::int64_t>(batch.records.size());
    producers_[producer].batches.push_back(
        {.records = std::move(batch.records),
         .report =
             {.reign = batch.reign,
              .first_sequence = batch.first_sequence,
              .last_sequence = batch.first_sequence + count - 1,
              .outcome = {}}}
    );
}

void simulated_log::write(const packet& arrived) {
    auto record = std::make_shared<events::record>(*arrived.record);
    record->at = static_cast<events::offset>(written_.size());
    written_.push_back(std::move(record));
    sources_.push_back(arrived);
}

void simulated_log::deliver_one(dice& chance, bool reorder, bool repeat) {
    if (under_way_.empty()) {
        return;
    }
    auto chosen = under_way_.begin() + static_cast<std::ptrdiff_t>(chance.roll(under_way_.size()));
    if (!reorder) {
        const auto producer = chosen->producer;
        chosen = std::ranges::find(under_way_, producer, &packet::producer);
    }
    write(*chosen);
    if (!repeat) {
        under_way_.erase(chosen);
    }
}

void simulated_log::write_foreign(dice& chance) {
    events::record foreign;
    foreign.kind = chance.one_in(2) ? events::record_kind::ghost : events::record_kind::event;
    write({producers_.size(), std::make_shared<events::record>(std::move(foreign))});
}

void simulated_log::lose_one(dice& chance) {
    if (!under_way_.empty()) {
        under_way_.erase(
            under_way_.begin() + static_cast<std::ptrdiff_t>(chance.roll(under_way_.size()))
        );
    }
}

void simulated_log::replicate(dice& chance) {
    durable_ += chance.roll(written_.size() - durable_ + 1);
}

void simulated_log::truncate(dice& chance) {
    const std::size_t keep = durable_ + chance.roll(written_.size() - durable_ + 1);
    const bool again = chance.one_in(2);
    for (std::size_t at = keep; again && at < written_.size(); ++at) {
        under_way_.push_back(sources_[at]);
    }
    written_.resize(keep);
    sources_.resize(keep);
}

std::optional<infra::append_outcome> simulated_log::outcome_of(const sent_batch& batch) const {
    // Each record may have been written several times; its report names one of them.
    std::optional<events::offset> last;
    bool dense = true;
    for (const auto& record : batch.records) {
        const auto visible = std::span(sources_).first(durable_);
        const auto found = std::ranges::find(visible, record, &packet::record);
        if (found == visible.end()) {
            return std::nullopt;
        }
        const auto at = static_cast<events::offset>(found - visible.begin());
        dense = dense && (!last || at == *last + 1);
        last = at;
    }
    return infra::append_outcome{
        .status = infra::append_status::durable, .last = dense ? last : std::nullopt
    };
}

std::optional<batch_report> simulated_log::report(
    producer_id producer, bool time_out, bool forget_offset
) {
    auto& from = producers_[producer];
    if (from.batches.empty()) {
        return std::nullopt;
    }
    auto outcome = outcome_of(from.batches.front());
    if (time_out || from.failed) {
        from.failed = true;
        outcome = infra::append_outcome{};
    }
    if (!outcome) {
        return std::nullopt;
    }
    batch_report report = from.batches.front().report;
    from.batches.pop_front();
    report.outcome = *outcome;
    if (forget_offset) {
        report.outcome.last.reset();
    }
    return report;
}

void simulated_log::settle(dice& chance) {
    while (!under_way_.empty()) {
        deliver_one(chance, false, false);
    }
    durable_ = written_.size();
}

}  // namespace teamflow::tests
