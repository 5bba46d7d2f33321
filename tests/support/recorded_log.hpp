#pragma once
// A log that a test wrote beforehand and can make longer; readers follow it like any other.

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "infra/log/event_log.hpp"
#include "infra/log/log_tail.hpp"

namespace teamflow::tests {

/// Nobody can append through the interface. Thread-safe.
class recorded_log final : public infra::event_log {
public:
    explicit recorded_log(std::int32_t partitions)
        : records_(static_cast<std::size_t>(partitions)),
          tail_(partitions, std::size_t{1} << 20U) {}

    /// The partition holds these records from now on, of which it may know the first already.
    void publish(std::span<const events::record_ptr> all) {
        const std::lock_guard lock(mutex_);
        for (const auto& record : all) {
            auto& known = records_.at(static_cast<std::size_t>(record->partition));
            if (record->at == static_cast<events::offset>(known.size())) {
                known.push_back(record);
                tail_.push(record->partition, {&record, 1});
            }
        }
    }

    [[nodiscard]] std::int32_t partitions() const override {
        return static_cast<std::int32_t>(records_.size());
    }

    infra::task<events::offset> claim(events::partition_id, events::writer_id, std::string)
        override {
        throw std::logic_error("a recorded log cannot be claimed");
        co_return -1;
    }

    void append(infra::append_batch, infra::append_done) override {
        throw std::logic_error("a recorded log cannot be appended to");
    }

    infra::task<std::vector<events::record_ptr>> fetch(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) override {
        const std::lock_guard lock(mutex_);
        const auto& known = records_.at(static_cast<std::size_t>(partition));
        const auto begin = std::min(static_cast<std::size_t>(from), known.size());
        const auto end = std::min(begin + max_records, known.size());
        co_return std::vector<events::record_ptr>(
            known.begin() + static_cast<std::ptrdiff_t>(begin),
            known.begin() + static_cast<std::ptrdiff_t>(end)
        );
    }

    infra::task<events::offset> end(events::partition_id partition) override {
        co_return end_of(partition);
    }

    void stop() override {}

    infra::task<events::checkpoint> checkpoint(events::partition_id partition) override {
        const std::lock_guard lock(mutex_);
        events::partition_fold fold;
        for (const auto& record : records_.at(static_cast<std::size_t>(partition))) {
            fold.next(record);
        }
        co_return fold.boundary();
    }

    [[nodiscard]] events::offset archived(events::partition_id partition) const override {
        return end_of(partition);
    }

    [[nodiscard]] infra::log_tail& tail() override { return tail_; }

    /// The last offset of every partition.
    [[nodiscard]] std::vector<events::position> end_positions() const {
        std::vector<events::position> out;
        out.reserve(records_.size());
        for (events::partition_id partition = 0; partition < partitions(); ++partition) {
            out.push_back({partition, end_of(partition)});
        }
        return out;
    }

private:
    [[nodiscard]] events::offset end_of(events::partition_id partition) const {
        const std::lock_guard lock(mutex_);
        return static_cast<events::offset>(records_.at(static_cast<std::size_t>(partition)).size()
               ) -
               1;
    }

    mutable std::mutex mutex_;
    std::vector<std::vector<events::record_ptr>> records_;
    infra::log_tail tail_;
};

}  // namespace teamflow::tests
