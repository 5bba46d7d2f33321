#pragma once
// What waits for one subscriber of the live feeds between the hub's thread and its own.

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/record.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::gateway {

/// One event on its way to subscribers.
struct feed_event {
    events::record_ptr record;
    /// The message of the WebSocket feed, personal fields sealed; shared by all subscribers.
    std::shared_ptr<const std::string> message;
};

/// Consecutive events of one organization.
using feed_batch = std::vector<feed_event>;

/// Filled by the hub, emptied by one subscriber. Thread-safe.
class feed_inbox {
public:
    struct bounds {
        std::size_t events = 8192;
        std::size_t bytes = std::size_t{8} << 20U;
    };

    /// `news` is signalled whenever something came.
    feed_inbox(std::shared_ptr<infra::wakeup> news, bounds most)
        : most_(most), news_(std::move(news)) {}

    /// Adds a batch. False when it does not fit: then the inbox is spoilt, takes nothing more and
    /// gives nothing more, because its events would have a hole.
    bool put(const feed_batch& batch);

    /// What has come since the last call, in order; nullopt once the inbox is spoilt.
    std::optional<feed_batch> take();

private:
    bounds most_;
    std::shared_ptr<infra::wakeup> news_;
    std::mutex mutex_;
    feed_batch waiting_;
    std::size_t bytes_ = 0;
    bool spoilt_ = false;
};

}  // namespace teamflow::gateway
