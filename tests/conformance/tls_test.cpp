// The same transport over TLS.

#include <string>

#include <catch2/catch.hpp>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "tests/support/http_fixture.hpp"
#include "tests/support/http_service.hpp"
#include "tests/support/tls_files.hpp"

namespace teamflow::tests {

namespace {

using asio::ip::tcp;
using tls_socket = asio::ssl::stream<tcp::socket>;

gateway::listen_options with_tls(const tls_files& files) {
    auto options = running_server::any_port();
    options.tls_certificate = files.certificate();
    options.tls_key = files.key();
    return options;
}

task<void> send_back(std::shared_ptr<gateway::websocket> socket, std::string text) {
    socket->offer(std::make_shared<const std::string>(std::move(text)));
    co_return;
}

task<response> echo_feed(request&) {
    response answer;
    answer.body = gateway::websocket_acceptance{
        .run = [](const auto& socket) { return socket->until_closed(); }, .on_text = send_back
    };
    co_return answer;
}

task<response> never_answers(request&) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer never(executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
    co_return response();
}

/// A handshake of the given version; its error.
boost::system::error_code shake_hands(std::uint16_t port, asio::ssl::context::method version) {
    asio::io_context context;
    asio::ssl::context tls(version);
    tls_socket socket(context, tls);
    socket.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    boost::system::error_code failure;
    socket.handshake(tls_socket::client, failure);
    return failure;
}

}  // namespace

TEST_CASE("requests over TLS", "[tls]") {
    const tls_files files;
    const auto service = make_service();
    const running_server server(service, with_tls(files));
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls_socket socket(context, tls);
    socket.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()));
    socket.handshake(tls_socket::client);
    std::string unread;
    for (int i = 0; i < 3; ++i) {
        asio::write(socket, asio::buffer(get("/hello") + get("/big")));
        const auto size = asio::read_until(socket, asio::dynamic_buffer(unread), "world\"}");
        const auto answer = unread.substr(0, size);
        REQUIRE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        REQUIRE(answer.find("Strict-Transport-Security: ") != std::string::npos);
        unread.erase(0, size);
        const auto head = asio::read_until(socket, asio::dynamic_buffer(unread), "\r\n\r\n");
        unread.erase(0, head);
        while (unread.size() < 1'000'000) {
            std::string more(64 * 1024, '\0');
            more.resize(socket.read_some(asio::buffer(more)));
            unread += more;
        }
        REQUIRE(unread == std::string(1'000'000, 'x'));
        unread.clear();
    }
    boost::system::error_code ended;
    socket.shutdown(ended);
    REQUIRE_FALSE(ended);
}

TEST_CASE("what is not answered in time is answered 503 over TLS, too", "[tls]") {
    const tls_files files;
    gateway::limits bounds;
    bounds.answer_ms = 50;
    bounds.sweep_ms = 10;
    auto service = make_service(bounds);
    service.add({method::get, "/never", never_answers});
    const running_server server(service, with_tls(files));
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls_socket socket(context, tls);
    socket.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()));
    socket.handshake(tls_socket::client);
    asio::write(socket, asio::buffer(get("/never")));
    std::string answer;
    boost::system::error_code ended;
    asio::read(socket, asio::dynamic_buffer(answer), ended);
    CHECK(ended == asio::error::eof);
    CHECK(answer.starts_with("HTTP/1.1 503 "));
    CHECK(answer.find("\"error\":\"unavailable\"") != std::string::npos);
}

TEST_CASE("TLS before 1.2, plain text and bad files are refused", "[tls]") {
    const tls_files files;
    const auto service = make_service();
    {
        const running_server server(service, with_tls(files));
        REQUIRE_FALSE(shake_hands(server.port(), asio::ssl::context::tlsv13_client));
        REQUIRE_FALSE(shake_hands(server.port(), asio::ssl::context::tlsv12_client));
        REQUIRE(shake_hands(server.port(), asio::ssl::context::tlsv11_client));
        raw_client plain(server.port());
        plain.send(get("/hello"));
        REQUIRE_THROWS(plain.receive());
    }
    auto missing = with_tls(files);
    missing.tls_key = "/nowhere/key.pem";
    REQUIRE_THROWS(running_server(service, missing));
}

TEST_CASE("WebSockets over TLS", "[tls]") {
    const tls_files files;
    auto service = make_service();
    service.add({.verb = method::get, .path = "/feed", .handle = echo_feed, .is_websocket = true});
    running_server server(service, with_tls(files));
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    boost::beast::websocket::stream<tls_socket> socket(context, tls);
    socket.next_layer().next_layer().connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), server.port())
    );
    socket.next_layer().handshake(tls_socket::client);
    socket.handshake("localhost", "/feed");
    socket.write(asio::buffer(std::string(60'000, 'w')));
    boost::beast::flat_buffer buffer;
    socket.read(buffer);
    REQUIRE(boost::beast::buffers_to_string(buffer.data()) == std::string(60'000, 'w'));
    auto stopped = server.stop();
    boost::system::error_code ended;
    socket.read(buffer, ended);
    REQUIRE(socket.reason().code == 1001);
    socket.next_layer().next_layer().close();
    REQUIRE(stopped.get());
}

}  // namespace teamflow::tests
