#pragma once
// Every bound of the gateway's transport in one place; the defaults are the published ones.

#include <chrono>
#include <cstdint>

#include <boost/describe/class.hpp>

namespace teamflow::gateway {

/// Units stand in the names; `_ms` are milliseconds. A route may set another body limit.
struct limits {
    /// The request line, all fields and the empty line after them: more is 431.
    std::uint32_t header_bytes = 8 * 1024;
    std::uint32_t header_fields = 100;
    /// More is 414.
    std::uint32_t target_bytes = 4 * 1024;
    /// More is 413.
    std::uint32_t body_bytes = 1024 * 1024;
    std::uint32_t chunk_extension_bytes = 256;

    /// Over all threads; one more is answered 503 and closed.
    std::uint32_t connections = 10'000;

    /// From the first byte of a request (or of the connection) to the end of its header.
    std::uint32_t header_ms = 10'000;
    /// From the first byte of a request to the end of its body; never prolonged by a read.
    std::uint32_t request_ms = 60'000;
    /// From the whole request to its answer (its first byte, if it is streamed): then it is 503 and
    /// the connection ends, while what was begun goes on.
    std::uint32_t answer_ms = 28'000;
    /// For each 64 KiB of an answer, so that a reader of one byte at a time is cut too.
    std::uint32_t write_stall_ms = 30'000;
    std::uint32_t keep_alive_idle_ms = 75'000;
    /// How long a refused sender may go on sending before the connection is torn down.
    std::uint32_t linger_ms = 2'000;
    /// How long requests under way may take once the server stops.
    std::uint32_t drain_ms = 10'000;
    /// How often deadlines are looked at.
    std::uint32_t sweep_ms = 100;

    std::uint32_t websocket_message_bytes = 64 * 1024;
    /// What may wait for one slow client, in messages and in bytes.
    std::uint32_t websocket_queue_messages = 1024;
    std::uint32_t websocket_queue_bytes = 4 * 1024 * 1024;
    std::uint32_t websocket_ping_ms = 20'000;
    /// Without a byte from the peer, pongs included, the connection is given up.
    std::uint32_t websocket_idle_ms = 60'000;
    /// How long the closing handshake may take.
    std::uint32_t websocket_close_ms = 3'000;
};
BOOST_DESCRIBE_STRUCT(
    limits,
    (),
    (header_bytes,
     header_fields,
     target_bytes,
     body_bytes,
     chunk_extension_bytes,
     connections,
     header_ms,
     request_ms,
     answer_ms,
     write_stall_ms,
     keep_alive_idle_ms,
     linger_ms,
     drain_ms,
     sweep_ms,
     websocket_message_bytes,
     websocket_queue_messages,
     websocket_queue_bytes,
     websocket_ping_ms,
     websocket_idle_ms,
     websocket_close_ms)
)

}  // namespace teamflow::gateway
