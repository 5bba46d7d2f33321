#pragma once
// Of which partitions this process builds the read models, and from whom it knows.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "app/foundation.hpp"
#include "infra/kafka/membership.hpp"
#include "infra/log/owner_lock.hpp"

namespace teamflow::app {

/// On the PostgreSQL log all of them, while it holds a lock there: one process is enough for a log
/// that one process writes. On Kafka those that a consumer group gives it; until the group has
/// spoken, all of them if it holds that lock, so that a process that is alone need not wait for the
/// group to forget its dead predecessor. Either is a hint: what keeps two projectors apart is the
/// checkpoint (projections/projector.hpp). Blocking; for the main thread, but for fenced().
class projected_partitions {
public:
    /// From the threads of the log and of the group: it must only hand over.
    using listener = std::function<void(const std::vector<events::partition_id>& ours)>;

    /// `on` must outlive this.
    projected_partitions(foundation& on, listener told);

    /// From now on `told` is told what to build.
    void start();

    /// Gives the partitions up, so that other processes go on at once. Bounded; harmless when
    /// repeated or not started.
    void stop();

    /// Another process was found at work on what is built here. From any thread.
    void fenced();

private:
    void join_group();
    void take_all();
    void take_none();

    foundation& on_;
    listener told_;
    std::shared_ptr<infra::owner_lock> lock_;
    std::mutex mutex_;
    std::shared_ptr<infra::kafka::membership> group_;
    /// The lock says nothing any more.
    bool group_spoke_ = false;
};

}  // namespace teamflow::app
