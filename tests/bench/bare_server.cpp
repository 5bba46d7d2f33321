#include "tests/bench/bare_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace teamflow::bench {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

infra::task<void> bare_session(tcp::socket socket, const std::string& body) {
    socket.set_option(tcp::no_delay(true));
    boost::beast::flat_buffer buffer;
    while (true) {
        http::request<http::string_body> request;
        const auto [read_failure, read] =
            co_await http::async_read(socket, buffer, request, asio::as_tuple(asio::use_awaitable));
        if (read_failure) {
            co_return;
        }
        http::response<http::string_body> answer(http::status::ok, request.version());
        answer.set(http::field::content_type, "application/json");
        answer.keep_alive(request.keep_alive());
        answer.body() = body;
        answer.prepare_payload();
        const auto [write_failure, written] =
            co_await http::async_write(socket, answer, asio::as_tuple(asio::use_awaitable));
        if (write_failure) {
            co_return;
        }
    }
}

}  // namespace

infra::task<void> serve_bare(
    tcp::acceptor& acceptor, std::vector<asio::io_context*> contexts, const std::string& body
) {
    for (std::size_t next = 0;; ++next) {
        auto& to = *contexts[next % contexts.size()];
        auto [failure, socket] =
            co_await acceptor.async_accept(to, asio::as_tuple(asio::use_awaitable));
        if (failure) {
            co_return;
        }
        asio::co_spawn(to, bare_session(std::move(socket), body), asio::detached);
    }
}

}  // namespace teamflow::bench
