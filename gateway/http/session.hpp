#pragma once
// One connection of a client, from its first byte to its last.

#include <functional>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "gateway/http/service.hpp"
#include "gateway/http/worker.hpp"

namespace teamflow::gateway {

/// Serves an accepted connection on the worker's thread, where this must be called and to whose
/// io_context the socket belongs. With `tls` the TLS handshake comes first. `on_end` is called
/// once, when nothing of the connection is left. All references must outlive the connection.
void serve(
    asio::ip::tcp::socket socket,
    worker& owner,
    const http_service& service,
    asio::ssl::context* tls,
    std::function<void()> on_end
);

}  // namespace teamflow::gateway
