#pragma once
// Reads ranges of the topic that neither the tail nor the archive holds, and ends of partitions.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "infra/kafka/client.hpp"
#include "infra/log/event_log.hpp"

struct rd_kafka_message_s;

namespace teamflow::infra::kafka {

/// One consumer without a group, made on first use. One thread at a time; every function blocks, at
/// most for the request_timeout, by our own deadline: the calls of librdkafka that ask for
/// watermarks overrun theirs and keep asking an old leader (confluentinc/librdkafka issues 4460 and
/// 4225), so ends come from reading up to them.
class catch_up {
public:
    explicit catch_up(settings how) : settings_(std::move(how)) {}

    /// Records from `from` on, at most `max_records` and about `max_bytes`; none at the end. Throws
    /// log_unavailable, and log_truncated when the partition does not reach up to `from`.
    std::vector<events::record_ptr> read(
        events::partition_id partition,
        events::offset from,
        std::size_t max_records,
        std::size_t max_bytes
    );

    /// The record at each of these positions, one a partition; nullptr where the partition ends
    /// there. Throws log_unavailable, and log_truncated when a partition does not reach that far.
    std::vector<events::record_ptr> read_each(std::span<const events::position> wanted);

    /// Offset of the last record of each partition from 0 on, -1 of an empty one. Throws
    /// log_unavailable.
    std::vector<events::offset> ends(std::int32_t partitions);

    /// Offset of the last record of one partition.
    events::offset end(events::partition_id partition);

    /// What waits now or later throws log_unavailable soon. From any thread.
    void interrupt() { interrupted_ = true; }

    void close() { client_.reset(); }

private:
    rd_kafka_s* consumer();
    void check_time(std::chrono::steady_clock::time_point deadline) const;
    void go_to(events::partition_id partition, events::offset at);
    void hear_each(
        std::span<const events::position> wanted,
        const std::function<void(const rd_kafka_message_s&)>& take
    );

    settings settings_;
    std::atomic<bool> interrupted_ = false;
    std::unique_ptr<client> client_;
    /// Where the consumer stands, so that the next range goes on without a new assignment.
    events::position next_{.partition = -1, .at = -1};
};

}  // namespace teamflow::infra::kafka
