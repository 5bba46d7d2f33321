#pragma once
// Which partitions this gateway should own, and from whom it knows.

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "app/foundation.hpp"
#include "commands/writer/command_service.hpp"
#include "gateway/services.hpp"
#include "infra/kafka/membership.hpp"
#include "infra/log/owner_lock.hpp"
#include "query/observer.hpp"

namespace teamflow::app {

/// On the PostgreSQL log all of them, while it holds a lock there; on Kafka those that a consumer
/// group gives it. Either is a hint: what makes an owner is its claim in the log (R8). Blocking;
/// for the main thread, but for displaced() and check().
class assignment {
public:
    /// Both must outlive this.
    assignment(foundation& on, commands::command_service& commands);

    /// From now on the commands are told what to own. On Kafka it begins with the partitions whose
    /// newest claim names this very address: whoever claimed them cannot be there any more. So a
    /// process that was killed and started again serves at once, though the group waits for its
    /// dead predecessor until the session time-out.
    void start();

    /// Waits until what is to be owned here is owned. On Kafka not for long: the gateway serves
    /// queries meanwhile. Throws std::runtime_error when the PostgreSQL log cannot be claimed and
    /// nobody else owns it.
    void await() const;

    /// Gives the place up, so that another gateway takes over at once. Bounded.
    void stop();

    /// Another process claimed what was to be owned here. From any thread.
    void displaced();

    /// The line `ownership` of /health/ready. From any thread, after start(). `partitions` is what
    /// the observer said last of each, in order; nothing before its first look. A claim in the log
    /// tells where commands are to go, not whether anybody is there.
    [[nodiscard]] gateway::process_report::check check(
        std::span<const query::follower_health> partitions, events::timestamp now
    ) const;

private:
    void join_group();
    void await_all() const;
    void await_assigned() const;
    [[nodiscard]] bool owns(const std::vector<events::partition_id>& wanted) const;
    [[nodiscard]] std::shared_ptr<infra::kafka::membership> group() const;

    foundation& on_;
    commands::command_service& commands_;
    std::string group_name_;
    std::vector<events::partition_id> former_;
    std::shared_ptr<infra::owner_lock> lock_;
    mutable std::mutex mutex_;
    std::shared_ptr<infra::kafka::membership> group_;
};

}  // namespace teamflow::app
