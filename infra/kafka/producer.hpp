#pragma once
// One life of an idempotent producer: from its start to the first report that is not a success.

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/kafka/client.hpp"
#include "infra/kafka/cloud_events.hpp"
#include "infra/log/event_log.hpp"

struct rd_kafka_topic_s;

namespace teamflow::infra::kafka {

/// Any failed delivery report ends a producer for all partitions: what it had in flight may be in
/// the log or not, and librdkafka may renumber what follows. A new one is made at the next claim.
/// A thread of its own polls, tells the outcomes and keeps this object alive until the end: an
/// outcome changes threads once, as it would with an eventfd under Asio, and never waits for other
/// work (R9).
class producer : public std::enable_shared_from_this<producer> {
    struct private_tag {};

public:
    struct limits {
        /// Records and bytes not reported yet. What goes beyond ends the producer: the writers in
        /// front of it have lower bounds of their own.
        std::size_t max_records = 200'000;
        std::size_t max_bytes = std::size_t{512} << 20U;
    };

    /// Begins to connect in the background. Throws std::runtime_error on a bad setting.
    static std::shared_ptr<producer> start(
        const settings& how, std::int32_t partitions, std::string source, limits bounds
    );

    producer(
        private_tag, const settings& how, std::int32_t partitions, std::string source, limits bounds
    );
    ~producer();
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    /// Sends the records in order; thread-safe. `done` is told on the polling thread, or at once if
    /// this producer has ended: for one partition in the order of send(), under a lock, so it must
    /// only hand over. `last` is given only when the records lie at consecutive offsets in order.
    void send(
        events::partition_id partition,
        std::vector<std::shared_ptr<events::record>> records,
        append_done done
    );

    /// True once an outcome was unknown: nothing more gets through.
    [[nodiscard]] bool ended() const { return ended_.load(); }

    /// Whether all brokers were down since the last call, as far as librdkafka tells. One that has
    /// nothing to send does not notice when they are back.
    bool take_loss() { return client_.take_loss(); }

    /// Lets what is in flight come to its end, at most for `limit`; the rest is unknown. Then the
    /// instance is closed in the background.
    void begin_stop(std::chrono::milliseconds limit);

    /// Blocks until the instance is closed.
    void await_stop() const { closed_.wait(); }

private:
    struct batch;

    /// What librdkafka carries with each message.
    struct sent_record {
        batch* of = nullptr;
        std::int32_t index = 0;
    };

    struct batch {
        events::partition_id partition = 0;
        append_done done;
        /// Until they are sent.
        std::vector<std::shared_ptr<events::record>> waiting;
        std::vector<sent_record> records;
        std::size_t reported = 0;
        std::size_t bytes = 0;
        /// Offset of the batch's first record as each report implies it; -1: they disagree.
        std::optional<events::offset> base;
        bool told = false;
    };

    /// Batches that come while others are under way go together when those are reported: a request
    /// costs the broker much more than a record in it. The first ones in `batches` are sent.
    struct lane {
        std::mutex mutex;
        encoded_message encoder;
        std::deque<std::unique_ptr<batch>> batches;
        std::size_t sent = 0;
    };

    static void on_delivered(void* self, int error, std::int64_t offset, void* record);
    static void on_broken(void* self, std::string_view reason);

    bool send_waiting(lane& of);
    bool send_batch(lane& of, batch& what);
    void take_report(sent_record& record, int error, events::offset offset);
    void tell_whole(lane& of);
    void end(std::string_view reason);
    void poll();

    std::string source_;
    limits limits_;
    std::vector<lane> lanes_;
    std::atomic<std::size_t> records_in_flight_ = 0;
    std::atomic<std::size_t> bytes_in_flight_ = 0;
    std::atomic<bool> ended_ = false;
    std::atomic<std::chrono::milliseconds> stop_limit_;
    std::atomic<bool> stopping_ = false;
    client client_;
    rd_kafka_topic_s* topic_ = nullptr;
    std::promise<void> closing_;
    std::shared_future<void> closed_;
};

}  // namespace teamflow::infra::kafka
