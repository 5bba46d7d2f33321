#pragma once
// A real server of the gateway's transport on a free port, and a client that sees raw bytes.

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "gateway/http/server.hpp"

namespace teamflow::tests {

namespace asio = boost::asio;

/// Threads with one io_context each.
class io_threads {
public:
    explicit io_threads(std::size_t count);
    ~io_threads();
    io_threads(const io_threads&) = delete;
    io_threads& operator=(const io_threads&) = delete;

    [[nodiscard]] std::vector<asio::io_context*> contexts() const;

private:
    std::vector<std::unique_ptr<asio::io_context>> contexts_;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::vector<std::thread> threads_;
};

/// Runs `service` on two threads until it is stopped or destroyed.
class running_server {
public:
    explicit running_server(
        const gateway::http_service& service, const gateway::listen_options& options = any_port()
    );
    ~running_server();
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    static gateway::listen_options any_port();

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    [[nodiscard]] std::uint32_t connections() const { return server_.connections(); }

    /// Begins to stop; the result is that of server::stop.
    std::future<bool> stop();

private:
    io_threads threads_;
    gateway::server server_;
    bool is_stopped_ = false;
};

struct raw_answer {
    unsigned status = 0;
    /// Status line and fields.
    std::string head;
    std::string body;

    /// The value of a field; empty when there is none.
    [[nodiscard]] std::string field(std::string_view name) const;
};

/// Blocking, each read for at most ten seconds.
class raw_client {
public:
    explicit raw_client(std::uint16_t port);

    void send(std::string_view bytes);

    /// The next answer, by Content-Length, chunked, or up to the end of the connection. Throws
    /// when the connection ends before the answer does. `is_head` when there is no body to come.
    raw_answer receive(bool is_head = false);

    /// Reads until there are `count` bytes and takes them.
    std::string receive_bytes(std::size_t count);

    /// Whether the peer has ended the connection and nothing unread is left.
    bool is_at_end();

    void shut_sending();

    asio::ip::tcp::socket& socket() { return socket_; }

private:
    bool read_more();
    std::string take(std::size_t count);
    std::string take_line();

    asio::io_context context_;
    asio::ip::tcp::socket socket_;
    std::string unread_;
};

}  // namespace teamflow::tests
