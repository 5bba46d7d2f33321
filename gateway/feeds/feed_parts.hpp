#pragma once
// What a feed on a connection works with: neither sockets nor a pool, so that a simulator can run
// it.

#include <functional>
#include <string>

#include "gateway/api/access_changes.hpp"
#include "gateway/feeds/live_feeds.hpp"
#include "gateway/services.hpp"
#include "infra/clock.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::gateway {

/// Belongs to one I/O thread; what it refers to must outlive the feed.
struct feed_parts {
    live_feeds& feeds;
    infra::stream_archive& history;
    const infra::clock& clock;
    const access_changes& changes;
    /// Opens the personal fields in JSON texts.
    std::function<task<std::string>(std::string)> open;
    /// Of what waits for the feed while it waits for its client.
    feed_inbox::bounds inbox = {};
};

/// The parts that the services of a thread hold. Both must outlive the feed.
feed_parts parts_of(services& with, infra::stream_archive& history);

}  // namespace teamflow::gateway
