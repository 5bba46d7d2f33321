#pragma once
// Follows the newest records of all partitions of the topic into the log's tail in memory.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "infra/kafka/client.hpp"
#include "infra/log/log_tail.hpp"

struct rd_kafka_message_s;

namespace teamflow::infra::kafka {

/// One consumer without a group and one thread, from construction to stop(). Reads singly and
/// checks that offsets grow by one: this release of librdkafka skips some in batch reads after a
/// pause (confluentinc/librdkafka issue 4208).
class tail_follower {
public:
    /// `from` names the first record wanted of each partition. Throws std::runtime_error on a bad
    /// setting.
    tail_follower(const settings& how, log_tail& tail, std::vector<events::position> from);
    ~tail_follower();
    tail_follower(const tail_follower&) = delete;
    tail_follower& operator=(const tail_follower&) = delete;

    /// Why the topic cannot be the log that its readers know; empty while it can, and while it is
    /// asked again (settings::truncation_patience).
    [[nodiscard]] std::string truncated() const;

    [[nodiscard]] bool is_truncated() const { return is_truncated_.load(); }

    /// Which record cannot be read because its checksum is wrong, so that the partition stands
    /// still; empty while there is none. It is asked for again every second: another replica may
    /// have it.
    [[nodiscard]] std::string damaged() const;

    /// False from the time all brokers are down until one answers. Thread-safe.
    [[nodiscard]] bool reachable() const { return client_.reachable(); }

    /// Somebody else saw that all brokers are down: they are asked until one answers. Thread-safe.
    void note_loss() { client_.note_loss(); }

    /// Ends the thread and closes the consumer. Blocks, at most for the close_timeout.
    void stop();

private:
    void follow();
    void take(const rd_kafka_message_s& message);
    void take_failure(const rd_kafka_message_s& message);
    void ends_early(events::partition_id partition);
    void is_damaged(events::partition_id partition);
    void is_well(events::partition_id partition);
    void ask_for_leaders();
    void push();
    void note_who_speaks(std::string_view statistics);
    void start_anew();
    void found_truncated(std::string what);

    using clock = std::chrono::steady_clock;

    std::string topic_;
    std::chrono::milliseconds patience_;
    log_tail& tail_;
    client client_;

    // Of the thread alone.
    std::vector<events::position> next_;
    std::vector<std::vector<events::record_ptr>> taken_;
    /// Since when a partition ends before what was read of it already.
    std::vector<std::optional<clock::time_point>> early_since_;
    bool must_start_anew_ = false;
    /// Where a damaged record was met since the partitions were assigned: what the client says of
    /// these from then on means nothing.
    std::set<events::partition_id> unreadable_;
    /// When damaged records are asked for again.
    std::optional<clock::time_point> ask_again_;
    /// Where records were missing the last time.
    events::position hole_{.partition = -1, .at = -1};

    mutable std::mutex mutex_;
    std::string truncated_;
    /// By partition.
    std::map<events::partition_id, std::string> damaged_;
    std::atomic<bool> is_truncated_ = false;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace teamflow::infra::kafka
