#pragma once
// A connection after its upgrade to WebSocket.

#include <string>

#include "gateway/http/byte_stream.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/service.hpp"
#include "gateway/http/websocket.hpp"
#include "gateway/http/worker.hpp"

namespace teamflow::gateway {

/// Completes the handshake for `from`, a request that http_service::route let pass, and runs what
/// was accepted until the connection has ended. `fields` are header lines for the 101. All
/// references must outlive the call. Source: RFC 6455; no extensions.
task<void> run_websocket(
    tcp_stream stream,
    worker& owner,
    const http_service& service,
    const request& from,
    std::string fields,
    websocket_acceptance accepted
);
task<void> run_websocket(
    tls_stream stream,
    worker& owner,
    const http_service& service,
    const request& from,
    std::string fields,
    websocket_acceptance accepted
);

}  // namespace teamflow::gateway
