#pragma once
// An answer whose body is made while it is sent: event streams, NDJSON, CSV.

#include <functional>
#include <string>

#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// Handed to a body_producer; lives as long as the producer runs, on the connection's thread.
class body_writer {
public:
    body_writer() = default;
    body_writer(const body_writer&) = delete;
    body_writer& operator=(const body_writer&) = delete;

    /// Returns once the chunk is with the kernel, so a slow reader slows the producer down. The
    /// head of the answer goes out with the first chunk. Throws boost::system::system_error when
    /// the peer is gone or has not read 64 KiB within the write limit: let it pass through.
    virtual task<void> write(std::string chunk) = 0;

    /// Calls `notify` once, on the connection's thread, when the peer hangs up or the server
    /// stops, also when that was before; the producer should end then. Replaces the last one;
    /// an empty function takes it back, which a producer must do before what it captured ends.
    virtual void on_close(std::function<void()> notify) = 0;

protected:
    ~body_writer() = default;
};

/// Writes the whole body. It may throw before its first write and be answered as any handler;
/// later the connection is cut, so that the client sees the answer to be incomplete.
using body_producer = std::function<task<void>(body_writer&)>;

}  // namespace teamflow::gateway
