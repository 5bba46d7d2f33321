#pragma once
// The live tail of all organizations, for operators.

#include <vector>

#include "gateway/feeds/event_stream.hpp"

namespace teamflow::gateway {

struct instance_stream {
    query::history_filter filter;
    /// What is delivered lies behind them: one for each partition, in their order.
    std::vector<events::position> after;
    /// Whose access ends the stream when it ends.
    principal who;
};

/// Until the client leaves, the server stops or the token expires. `id:` is the list of positions
/// reached. Reads the archive as it grows, so it comes some milliseconds behind the log's end; an
/// operator's look over everything is rare, and must not cost every organization's feed.
task<void> write_instance_stream(services& with, instance_stream what, body_writer& writer);

}  // namespace teamflow::gateway
