#include "gateway/feeds/feed_parts.hpp"

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

feed_parts parts_of(services& with, infra::stream_archive& history) {
    return {
        .feeds = with.feeds,
        .history = history,
        .clock = with.clock,
        .changes = with.changes,
        .open = [&with](std::string json) { return open_personal(with, std::move(json)); }
    };
}

}  // namespace teamflow::gateway
