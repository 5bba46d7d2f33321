#pragma once
// Answers that send events while they are read: NDJSON, CSV and server-sent events.

#include "gateway/feeds/feed_parts.hpp"
#include "gateway/http/body_writer.hpp"
#include "query/history.hpp"

namespace teamflow::gateway {

/// One event a line, as JSON, to the end of the history. All of these run on the thread whose
/// services they are given.
task<void> write_ndjson(services& with, query::history events, body_writer& writer);

/// RFC 4180 with a header line: the members of an event, `data` as JSON text.
task<void> write_csv(services& with, query::history events, body_writer& writer);

/// The live tail as server-sent events (WHATWG HTML, 9.2).
struct event_stream {
    events::organization_id organization;
    query::history_filter filter;
    /// What is delivered lies behind it.
    events::offset after = -1;
    /// Whose access ends the feed when it ends.
    principal who;
};

/// Until the client leaves, the server stops or the token expires. `id:` is the position.
task<void> write_event_stream(feed_parts with, event_stream what, body_writer& writer);

/// With the services of the connection's thread.
task<void> write_event_stream(services& with, event_stream what, body_writer& writer);

}  // namespace teamflow::gateway
