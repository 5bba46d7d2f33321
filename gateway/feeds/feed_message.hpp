#pragma once
// The messages of the WebSocket feed.

#include <string>
#include <string_view>

#include "events/record.hpp"

namespace teamflow::gateway {

/// `{"type","position","time","data"}` of an event; personal fields of the data are still sealed.
std::string feed_message(const events::record& event);

/// `{"type","position"}`: what a feed says of itself.
std::string feed_notice(std::string_view type, events::position at);

}  // namespace teamflow::gateway
