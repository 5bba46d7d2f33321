#include "infra/log/log_tail.hpp"

#include <algorithm>
#include <utility>

namespace teamflow::infra {

std::size_t footprint(const events::record& record) {
    const std::size_t once = record.once
                                 ? sizeof(events::idempotency) + record.once->key.size() +
                                       record.once->answer.size() + record.once->fingerprint.size()
                                 : 0;
    return sizeof(events::record) + record.data.size() + record.head.type.size() +
           record.head.stream.size() + record.head.actor.size() + record.head.traceparent.size() +
           once;
}

log_tail::log_tail(std::int32_t partitions, std::size_t max_bytes_per_partition)
    : max_bytes_(max_bytes_per_partition), partitions_(static_cast<std::size_t>(partitions)) {}

void log_tail::begin(events::partition_id partition, events::offset from) {
    const std::lock_guard lock(mutex_);
    tail_of(partition).start = from;
}

void log_tail::push(events::partition_id partition, std::span<const events::record_ptr> records) {
    const std::lock_guard lock(mutex_);
    auto& tail = tail_of(partition);
    for (const auto& record : records) {
        if (!tail.records.empty() && record->at <= tail.records.back()->at) {
            continue;
        }
        if (!tail.records.empty() && record->at != tail.records.back()->at + 1) {
            tail.records.clear();
            tail.bytes = 0;
        }
        tail.bytes += footprint(*record);
        tail.records.push_back(record);
        tail.end = std::max(tail.end.value_or(-1), record->at);
    }
    tail.heard_at = steady_clock::now();
    while (tail.bytes > max_bytes_ && tail.records.size() > 1) {
        tail.bytes -= footprint(*tail.records.front());
        tail.records.pop_front();
    }
    signal(tail);
}

void log_tail::extend(events::partition_id partition, events::offset end) {
    const std::lock_guard lock(mutex_);
    auto& tail = tail_of(partition);
    // Where the records themselves will be pushed, nobody can read anything before.
    const bool is_news = !tail.end || !tail.start;
    tail.heard_at = steady_clock::now();
    if (!tail.end || *tail.end < end) {
        tail.end = end;
        if (is_news) {
            signal(tail);
        }
    }
}

void log_tail::hear(events::partition_id partition) {
    const std::lock_guard lock(mutex_);
    tail_of(partition).heard_at = steady_clock::now();
}

std::optional<std::vector<events::record_ptr>> log_tail::read(
    events::partition_id partition, events::offset from, std::size_t max_records
) const {
    const std::lock_guard lock(mutex_);
    const auto& tail = partitions_.at(static_cast<std::size_t>(partition));
    const bool is_new = tail.records.empty() || from > tail.records.back()->at;
    if ((tail.end && from > *tail.end) || (is_new && tail.start && from >= *tail.start)) {
        return std::vector<events::record_ptr>{};
    }
    if (is_new || from < tail.records.front()->at) {
        return std::nullopt;
    }
    const auto first = tail.records.begin() + (from - tail.records.front()->at);
    const auto count = std::min<std::ptrdiff_t>(
        tail.records.end() - first, static_cast<std::ptrdiff_t>(max_records)
    );
    return std::vector<events::record_ptr>(first, first + count);
}

std::optional<events::offset> log_tail::known_end(events::partition_id partition) const {
    const std::lock_guard lock(mutex_);
    return partitions_.at(static_cast<std::size_t>(partition)).end;
}

std::optional<events::offset> log_tail::current_end(
    events::partition_id partition, std::chrono::milliseconds silence_max
) const {
    const std::lock_guard lock(mutex_);
    const auto& tail = partitions_.at(static_cast<std::size_t>(partition));
    const bool is_news = steady_clock::now() - tail.heard_at <= silence_max;
    return is_news ? tail.end : std::nullopt;
}

void log_tail::subscribe(
    const std::weak_ptr<wakeup>& listener, std::span<const events::partition_id> partitions
) {
    const std::lock_guard lock(mutex_);
    for (const auto partition : partitions) {
        auto& listeners = tail_of(partition).listeners;
        std::erase_if(listeners, [](const auto& known) { return known.expired(); });
        listeners.push_back(listener);
    }
}

void log_tail::signal(const partition_tail& tail) {
    for (const auto& known : tail.listeners) {
        if (const auto listener = known.lock()) {
            listener->signal();
        }
    }
}

}  // namespace teamflow::infra
