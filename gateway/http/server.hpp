#pragma once
// Listens, deals connections out to the I/O threads, and stops in good order.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/http/service.hpp"
#include "gateway/http/worker.hpp"

namespace teamflow::gateway {

struct listen_options {
    /// An address or a name; the first address of a name is taken.
    std::string host = "127.0.0.1";
    /// 0 lets the system pick one.
    std::uint16_t port = 8080;
    /// PEM files, both or none: with them the server speaks TLS 1.2 and 1.3 only.
    std::string tls_certificate;
    std::string tls_key;
};

/// One acceptor deals sockets round robin, so that every thread gets its share of even a few
/// connections. Construct, start, and stop before it is destroyed.
class server {
public:
    /// Each of `contexts` is run by one thread of its own and, like `service`, outlives this.
    server(std::vector<asio::io_context*> contexts, const http_service& service);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Takes the address, so that port() is known; nobody can connect yet. Throws
    /// boost::system::system_error when the address cannot be had or the TLS files cannot be read.
    void bind(const listen_options& options);

    /// After bind(): accepts from now on. Throws as bind().
    void serve();

    /// Both at once.
    void start(const listen_options& options);

    /// The bound port.
    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Connections open now; any thread.
    [[nodiscard]] std::uint32_t connections() const { return connections_; }

    /// Stops accepting, closes idle connections and WebSockets (1001), lets requests under way
    /// finish within limits::drain_ms, then cuts. Await it on any of the contexts, once. True when
    /// every connection has ended; false when a handler did not even react to its cancellation.
    task<bool> stop();

private:
    task<void> accept_all();
    task<void> close_acceptor();
    void deal(asio::ip::tcp::socket socket, worker& to);

    const http_service& service_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::unique_ptr<asio::ssl::context> tls_;
    asio::ip::tcp::acceptor acceptor_;
    bool is_accepting_ = false;
    asio::steady_timer accept_ended_;
    std::uint16_t port_ = 0;
    std::atomic<std::uint32_t> connections_ = 0;
};

}  // namespace teamflow::gateway
