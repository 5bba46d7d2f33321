#pragma once
// One librdkafka instance: made from settings, closed under a watchdog.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "infra/kafka/settings.hpp"

struct rd_kafka_s;
struct rd_kafka_topic_partition_list_s;

namespace teamflow::infra::kafka {

/// What an instance tells its owner, on the thread that polls.
struct client_listener {
    void* owner = nullptr;
    /// A delivery report: error code, offset, and what was given with the message.
    void (*on_delivered)(void* owner, int error, std::int64_t offset, void* record) = nullptr;
    /// librdkafka's statistics, once a second.
    void (*on_statistics)(void* owner, std::string_view json) = nullptr;
    /// An error after which the instance works no more.
    void (*on_broken)(void* owner, std::string_view reason) = nullptr;
    /// A consumer's group gives or takes partitions: librdkafka's code says which. The owner has to
    /// answer by an assignment.
    void (*on_rebalance)(void* owner, int code, const rd_kafka_topic_partition_list_s& partitions) =
        nullptr;
};

/// Thread-safe like the instance itself. Never copied; `close()` or the destructor ends it.
class client {
public:
    enum class role { producer, consumer };

    /// `own` are properties that the role needs. Throws std::runtime_error on a bad property.
    client(
        role kind,
        const settings& how,
        std::initializer_list<std::pair<const char*, std::string>> own,
        client_listener told = {}
    );
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    [[nodiscard]] rd_kafka_s* raw() const { return handle_; }

    /// False from the time all brokers are down until a broker answers again, as far as librdkafka
    /// tells.
    [[nodiscard]] bool reachable() const { return context_->reachable.load(); }

    /// The owner saw an answer of a broker.
    void note_answer() { context_->reachable.store(true); }

    /// The owner doubts that brokers are there, until one answers.
    void note_loss() { context_->reachable.store(false); }

    /// Whether all brokers were down since the last call, and none has answered since then.
    bool take_loss() { return !context_->reachable.exchange(true); }

    /// Ends the instance: true when it ended within the close_timeout. Otherwise its last thread is
    /// left alone, and the process should end by _exit. Harmless when closed.
    bool close();

private:
    struct context {
        client_listener told;
        std::atomic<bool> reachable = true;
    };

    friend struct callbacks;

    std::shared_ptr<context> context_;
    std::chrono::milliseconds close_timeout_;
    rd_kafka_s* handle_ = nullptr;
};

/// librdkafka's text for an error code.
std::string_view error_text(int code);

}  // namespace teamflow::infra::kafka
