#include "gateway/forward/peer_connection.hpp"

#include <cerrno>

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>

#include "gateway/forward/peer_tls.hpp"

namespace teamflow::gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

std::optional<peer_place> parse_place(const std::string& address) {
    const auto url = boost::urls::parse_uri(address);
    if (!url || url->host().empty() || url->port().empty() ||
        (url->scheme() != "http" && url->scheme() != "https")) {
        return std::nullopt;
    }
    return peer_place{
        .is_tls = url->scheme() == "https",
        .host = url->host_address(),
        .port = std::string(url->port())
    };
}

peer_connection::peer_connection(const asio::any_io_executor& executor, asio::ssl::context* tls)
    : stream_(make_stream(executor, tls)) {}

peer_connection::any_stream peer_connection::make_stream(
    const asio::any_io_executor& executor, asio::ssl::context* tls
) {
    if (tls != nullptr) {
        return any_stream(std::in_place_type<tls_stream>, executor, *tls);
    }
    return any_stream(std::in_place_type<socket_type>, executor);
}

peer_connection::socket_type& peer_connection::socket() {
    if (auto* secure = std::get_if<tls_stream>(&stream_)) {
        return secure->next_layer();
    }
    return std::get<socket_type>(stream_);
}

void peer_connection::cut() {
    boost::system::error_code ignored;
    socket().close(ignored);
}

bool peer_connection::is_over() {
    char next = 0;
    const auto count = ::recv(socket().native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

task<boost::system::error_code> peer_connection::open(const peer_place& where) {
    asio::ip::tcp::resolver resolver(socket().get_executor());
    const auto [unknown, found] =
        co_await resolver.async_resolve(where.host, where.port, as_result);
    if (unknown) {
        co_return unknown;
    }
    const auto [unreachable, end] = co_await asio::async_connect(socket(), found, as_result);
    if (unreachable) {
        co_return unreachable;
    }
    boost::system::error_code ignored;
    socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    if (auto* secure = std::get_if<tls_stream>(&stream_)) {
        expect_peer(*secure, where.host);
        const auto [refused] = co_await secure->async_handshake(tls_stream::client, as_result);
        co_return refused;
    }
    co_return boost::system::error_code();
}

task<boost::system::error_code> peer_connection::write(const request& what) {
    if (auto* secure = std::get_if<tls_stream>(&stream_)) {
        const auto [failure, bytes] = co_await http::async_write(*secure, what, as_result);
        co_return failure;
    }
    auto& plain = std::get<socket_type>(stream_);
    const auto [failure, bytes] = co_await http::async_write(plain, what, as_result);
    co_return failure;
}

task<boost::system::error_code> peer_connection::read(parser& into) {
    if (auto* secure = std::get_if<tls_stream>(&stream_)) {
        const auto [failure, bytes] = co_await http::async_read(*secure, buffer_, into, as_result);
        co_return failure;
    }
    auto& plain = std::get<socket_type>(stream_);
    const auto [failure, bytes] = co_await http::async_read(plain, buffer_, into, as_result);
    co_return failure;
}

}  // namespace teamflow::gateway
