#pragma once
// The live feed of an organization on one WebSocket.

#include <memory>

#include "gateway/feeds/feed_filter.hpp"
#include "gateway/feeds/feed_parts.hpp"
#include "gateway/http/websocket.hpp"

namespace teamflow::gateway {

/// Close codes of the feed, beside those of RFC 6455.
inline constexpr std::uint16_t close_token_expired = 4401;
inline constexpr std::uint16_t close_too_slow = 4408;

struct websocket_feed {
    events::organization_id organization;
    feed_filter filter;
    /// What is delivered lies behind it.
    events::offset after = -1;
    /// Whose access ends the feed when it ends.
    principal who;
};

/// Sends the feed until the socket closes, the token expires or the client is too slow: then the
/// reason of 4408 is the last position sent. On the socket's thread, whose parts these are.
task<void> run_websocket_feed(
    feed_parts with, websocket_feed what, std::shared_ptr<websocket> socket
);

/// With the services of the socket's thread.
task<void> run_websocket_feed(
    services& with, websocket_feed what, std::shared_ptr<websocket> socket
);

}  // namespace teamflow::gateway
