#pragma once
// What the transport reports for metrics and access logs.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "gateway/http/method.hpp"

namespace teamflow::gateway {

/// One answered request; the views end with the call.
struct finished_request {
    /// The path template, empty when no route matched.
    std::string_view route;
    method verb;
    unsigned status;
    /// From the first byte of the request to the last byte of the answer with the kernel.
    std::chrono::nanoseconds elapsed;
    std::uint64_t bytes_in;
    std::uint64_t bytes_out;
    std::string_view request_id;
    /// As sent, unchecked.
    std::string_view traceparent;
    /// As sent, without the query.
    std::string_view path;
    /// The peer's IP address.
    std::string_view peer;
};

/// Called on the connection's thread, so implementations must be thread-safe and quick.
class observer {
public:
    observer() = default;
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;
    virtual ~observer() = default;

    virtual void request_finished(const finished_request& what) = 0;

    /// A request that was refused before it had a method and path.
    virtual void request_refused(unsigned status) = 0;

    virtual void connection_opened() = 0;
    virtual void connection_closed() = 0;
    virtual void websocket_opened() = 0;
    virtual void websocket_closed() = 0;
};

}  // namespace teamflow::gateway
