#pragma once
// One connection to one other process, for one request at a time. Of one thread.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/intrusive/list.hpp>

#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// Where a process is reached.
struct peer_place {
    bool is_tls = false;
    std::string host;
    std::string port;
};

/// Of `http://HOST:PORT` or `https://HOST:PORT`; nullopt for anything else.
std::optional<peer_place> parse_place(const std::string& address);

class peer_connection : public boost::intrusive::list_base_hook<
                            boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using request = boost::beast::http::request<boost::beast::http::string_body>;
    using parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

    /// Without `tls` in the clear.
    peer_connection(const boost::asio::any_io_executor& executor, boost::asio::ssl::context* tls);

    /// What is awaited now fails.
    void cut();

    /// Whether an unused connection has ended, or speaks without being asked.
    [[nodiscard]] bool is_over();

    task<boost::system::error_code> open(const peer_place& where);
    task<boost::system::error_code> write(const request& what);
    task<boost::system::error_code> read(parser& into);

    /// Kept by whoever watches over connections.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    std::function<bool()> is_worthwhile;

private:
    using socket_type = boost::asio::ip::tcp::socket;
    using tls_stream = boost::asio::ssl::stream<socket_type>;
    using any_stream = std::variant<socket_type, tls_stream>;

    static any_stream make_stream(
        const boost::asio::any_io_executor& executor, boost::asio::ssl::context* tls
    );
    socket_type& socket();

    any_stream stream_;
    boost::beast::flat_buffer buffer_;
};

}  // namespace teamflow::gateway
