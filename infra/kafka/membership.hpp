#pragma once
// A process's place in a consumer group: which partitions it should own. Nothing is read here.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "infra/kafka/client.hpp"

namespace teamflow::infra::kafka {

/// One consumer instance on a thread of its own, which polls and does nothing else (R9), so that a
/// busy process stays a member. It takes part in the group for the assignment alone. What the group
/// says is a hint (R8): whoever takes partitions away from an owner does so by a claim in the log.
class membership : public std::enable_shared_from_this<membership> {
    struct private_tag {};

public:
    struct options {
        std::string group;
        /// `host:port` where other nodes reach this process. The member's client id is
        /// `teamflow/<address>`, by which they find it; what does not fit into 99 bytes is cut off,
        /// for this release of librdkafka cannot be trusted with longer ones (issue 4689).
        std::string address;
        /// Members that are silent for so long lose their partitions to the others.
        std::chrono::milliseconds session_timeout{6000};
        std::chrono::milliseconds heartbeat_interval{300};
        /// Longest wait for the group to be left, and again for the instance to close; with 0 it is
        /// not left, and the others wait for the session_timeout.
        std::chrono::milliseconds leave_limit{1500};
        /// How long a new assignment may come by itself before renew() asks for one.
        std::chrono::milliseconds renew_delay{1000};
    };

    /// Told of every assignment, in order, on this object's thread: it must only hand over.
    using listener = std::move_only_function<void(const std::vector<events::partition_id>& ours)>;

    /// Joins in the background, and joins again whenever its place was lost. Throws
    /// std::runtime_error on a bad setting.
    static std::shared_ptr<membership> join(const settings& how, options as, listener told);

    membership(private_tag, const settings& how, options as, listener told);
    ~membership();
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

    /// Asks the group for the assignment once more, unless one comes anyhow: for an owner that was
    /// displaced though the group has not told it so (R6: it may claim after a new assignment
    /// only). From any thread.
    void renew();

    /// Whether the process has a place in the group, as far as it knows. From any thread.
    [[nodiscard]] bool is_member() const { return is_member_.load(); }

    /// Its partitions by the newest assignment. From any thread.
    [[nodiscard]] std::vector<events::partition_id> assigned() const;

    /// Leaves the group, so that its partitions go to the others at once, and ends. Nothing is told
    /// any more when it returns. Blocks, at most for twice the leave_limit. Harmless when repeated.
    void leave();

private:
    using clock = std::chrono::steady_clock;

    static void on_rebalance(
        void* self, int code, const rd_kafka_topic_partition_list_s& partitions
    );

    void run();
    void subscribe();
    void take_assignment(const rd_kafka_topic_partition_list_s& partitions);
    void part();

    options options_;
    std::string topic_;
    client client_;
    std::atomic<bool> is_member_ = false;
    std::atomic<bool> stopping_ = false;
    /// When to ask for an assignment; the clock's epoch: never.
    std::atomic<clock::time_point> renew_at_ = clock::time_point{};

    mutable std::mutex mutex_;
    listener told_;
    std::vector<events::partition_id> assigned_;

    std::promise<void> ending_;
    std::shared_future<void> ended_;
};

}  // namespace teamflow::infra::kafka
