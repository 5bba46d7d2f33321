// WebSockets over real sockets: what is refused before the upgrade, queues, and every way to end.

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "gateway/http/problem.hpp"
#include "gateway/http/service.hpp"
#include "tests/support/http_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace teamflow::gateway;
namespace beast = boost::beast;
namespace ws = boost::beast::websocket;
using asio::ip::tcp;

task<void> until_closed(std::shared_ptr<websocket> socket) {
    co_await socket->until_closed();
}

task<void> send_back(std::shared_ptr<websocket> socket, std::string text) {
    auto message = std::make_shared<const std::string>(std::move(text));
    bool is_open = true;
    while (is_open && !socket->offer(message)) {
        is_open = co_await socket->has_room();
    }
}

response accept(websocket_acceptance accepted) {
    response answer;
    answer.body = std::move(accepted);
    return answer;
}

task<response> echo(request&) {
    co_return accept({.run = until_closed, .on_text = send_back});
}

task<response> refuse(request& what) {
    co_return problem_response("unauthenticated", "no ticket", what.request_id);
}

/// Sends as fast as it can without waiting for room, and closes when the queue is full.
task<void> flood(std::shared_ptr<websocket> socket) {
    const auto message = std::make_shared<const std::string>(1000, 'x');
    while (socket->offer(message)) {
    }
    socket->close(4408, "0@17");
    co_return;
}

task<response> flooding(request&) {
    co_return accept({.run = flood});
}

/// Sends a lot, but waits for room.
task<void> send_thousands(std::shared_ptr<websocket> socket) {
    for (int i = 0; i < 5000; ++i) {
        co_await send_back(socket, std::to_string(i));
    }
    co_await socket->until_closed();
}

task<response> thousands(request&) {
    co_return accept({.run = send_thousands});
}

task<void> end_at_once(std::shared_ptr<websocket>) {
    co_return;
}

task<void> fail_at_once(std::shared_ptr<websocket>) {
    throw std::runtime_error("secret detail");
    co_return;
}

task<response> ending(request&) {
    co_return accept({.run = end_at_once});
}

task<response> failing(request&) {
    co_return accept({.run = fail_at_once});
}

http_service make_service(limits bounds = {}) {
    service_options options;
    options.bounds = bounds;
    options.cors_origins = {"https://app.example.org"};
    http_service service(std::move(options));
    const auto add = [&](std::string path, handler handle) {
        service.add(
            {.verb = method::get,
             .path = std::move(path),
             .handle = std::move(handle),
             .is_websocket = true}
        );
    };
    add("/echo", echo);
    add("/refused", refuse);
    add("/flood", flooding);
    add("/thousands", thousands);
    add("/ending", ending);
    add("/failing", failing);
    return service;
}

/// A client that has completed its handshake. Blocking.
class websocket_client {
public:
    websocket_client(std::uint16_t port, const std::string& target) : stream_(context_) {
        stream_.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
        stream_.handshake("localhost", target);
    }

    void send(std::string_view text) { stream_.write(asio::buffer(text)); }

    std::string receive() {
        beast::flat_buffer buffer;
        stream_.read(buffer);
        return beast::buffers_to_string(buffer.data());
    }

    /// Reads to the end; the server's close code, 0 when it sent none.
    std::uint16_t receive_close() {
        boost::system::error_code ended;
        while (!ended) {
            beast::flat_buffer buffer;
            stream_.read(buffer, ended);
        }
        return stream_.reason().code;
    }

    ws::stream<tcp::socket>& stream() { return stream_; }

private:
    asio::io_context context_;
    ws::stream<tcp::socket> stream_;
};

std::string upgrade(std::string_view target, std::string_view more = {}) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost:80\r\nConnection: keep-alive, Upgrade\r\n"
           "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string(more) + "\r\n";
}

unsigned status_of(std::uint16_t port, const std::string& request) {
    raw_client client(port);
    client.send(request);
    return client.receive().status;
}

std::string without(std::string request, std::string_view line) {
    const auto at = request.find(line);
    REQUIRE(at != std::string::npos);
    return request.erase(at, request.find("\r\n", at) + 2 - at);
}

}  // namespace

TEST_CASE("the handshake answers what RFC 6455 says", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(upgrade("/echo", "X-Request-ID: r7\r\n"));
    const auto answer = client.receive();
    REQUIRE(answer.status == 101);
    REQUIRE(answer.field("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    REQUIRE(answer.field("Upgrade") == "websocket");
    REQUIRE(answer.field("X-Request-ID") == "r7");
    REQUIRE(answer.field("Server") == "teamflow");
    REQUIRE(answer.field("Sec-WebSocket-Extensions").empty());
}

TEST_CASE("what is not accepted is answered before the upgrade", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    const auto port = server.port();
    CHECK(status_of(port, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n") == 426);
    CHECK(status_of(port, without(upgrade("/echo"), "Upgrade: ")) == 426);
    CHECK(status_of(port, without(upgrade("/echo"), "Connection: ")) == 426);
    CHECK(status_of(port, without(upgrade("/echo"), "Sec-WebSocket-Version")) == 426);
    CHECK(status_of(port, without(upgrade("/echo"), "Sec-WebSocket-Key")) == 400);
    CHECK(status_of(port, upgrade("/echo", "Sec-WebSocket-Key: x\r\n")) == 400);
    for (const auto* key : {"x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==x", "!!!!"}) {
        const auto request = without(upgrade("/echo"), "Sec-WebSocket-Key");
        const auto end = request.size() - 2;
        CHECK(
            status_of(port, request.substr(0, end) + "Sec-WebSocket-Key: " + key + "\r\n\r\n") ==
            400
        );
    }
    CHECK(status_of(port, upgrade("/echo", "Origin: https://evil.example.org\r\n")) == 403);
    CHECK(status_of(port, upgrade("/echo", "Origin: http://localhost\r\n")) == 403);
    CHECK(status_of(port, upgrade("/echo", "Origin: null\r\n")) == 403);
    CHECK(status_of(port, upgrade("/echo", "Origin: https://app.example.org\r\n")) == 101);
    CHECK(status_of(port, upgrade("/echo", "Origin: http://localhost:80\r\n")) == 101);
    CHECK(status_of(port, upgrade("/refused")) == 401);
    CHECK(status_of(port, upgrade("/nowhere")) == 404);
    CHECK(status_of(port, "POST" + upgrade("/echo").substr(3)) == 405);
}

TEST_CASE("text is echoed up to the limit of a message", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    websocket_client client(server.port(), "/echo");
    for (const std::size_t size : {0UZ, 1UZ, 125UZ, 126UZ, 65'535UZ, 65'536UZ}) {
        const std::string text(size, 't');
        client.send(text);
        REQUIRE(client.receive() == text);
    }
    client.send(std::string(65'537, 't'));
    REQUIRE(client.receive_close() == 1009);
}

TEST_CASE("binary messages and broken UTF-8 close", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    websocket_client binary(server.port(), "/echo");
    binary.stream().binary(true);
    binary.send("x");
    REQUIRE(binary.receive_close() == 1003);
    raw_client raw(server.port());
    raw.send(upgrade("/echo"));
    REQUIRE(raw.receive().status == 101);
    const unsigned char broken[] = {0x81, 0x81, 0, 0, 0, 0, 0xff};
    raw.send({reinterpret_cast<const char*>(broken), sizeof broken});
    REQUIRE(raw.receive_bytes(4) == "\x88\x02\x03\xef");
}

TEST_CASE("a client that closes is answered", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    websocket_client client(server.port(), "/echo");
    client.send("last");
    REQUIRE(client.receive() == "last");
    client.stream().close(ws::close_code::normal);
    while (server.connections() > 0) {
        std::this_thread::yield();
    }
}

TEST_CASE("a client that just goes away leaves nothing behind", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    {
        websocket_client client(server.port(), "/thousands");
        client.receive();
    }
    while (server.connections() > 0) {
        std::this_thread::yield();
    }
}

TEST_CASE("a full queue is told to the feed, which closes with its reason", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    websocket_client client(server.port(), "/flood");
    REQUIRE(client.receive_close() == 4408);
    REQUIRE(client.stream().reason().reason == "0@17");
}

TEST_CASE("a feed that waits for room loses nothing", "[websocket]") {
    limits bounds;
    bounds.websocket_queue_messages = 16;
    const auto service = make_service(bounds);
    const running_server server(service);
    websocket_client client(server.port(), "/thousands");
    for (int i = 0; i < 5000; ++i) {
        REQUIRE(client.receive() == std::to_string(i));
    }
}

TEST_CASE("the end of a feed closes", "[websocket]") {
    const auto service = make_service();
    const running_server server(service);
    websocket_client ended(server.port(), "/ending");
    REQUIRE(ended.receive_close() == 1000);
    websocket_client failed(server.port(), "/failing");
    REQUIRE(failed.receive_close() == 1011);
    REQUIRE(failed.stream().reason().reason == "internal error");
}

TEST_CASE("a stopping server says so", "[websocket]") {
    const auto service = make_service();
    running_server server(service);
    websocket_client client(server.port(), "/echo");
    auto stopped = server.stop();
    REQUIRE(client.receive_close() == 1001);
    REQUIRE(stopped.get());
}

TEST_CASE("a silent peer is pinged and then given up", "[websocket]") {
    limits bounds;
    bounds.sweep_ms = 10;
    bounds.websocket_ping_ms = 50;
    bounds.websocket_idle_ms = 200;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client dead(server.port());
    dead.send(upgrade("/echo"));
    REQUIRE(dead.receive().status == 101);
    REQUIRE(dead.receive_bytes(2) == std::string("\x89\x00", 2));
    while (!dead.is_at_end()) {
        dead.receive_bytes(2);
    }
}

TEST_CASE("a quiet peer that answers pings stays", "[websocket]") {
    limits bounds;
    bounds.sweep_ms = 10;
    bounds.websocket_ping_ms = 200;
    bounds.websocket_idle_ms = 2000;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client quiet(server.port());
    quiet.send(upgrade("/echo"));
    REQUIRE(quiet.receive().status == 101);
    // More pings than fit into the time after which a silent peer is given up.
    for (int ping = 0; ping < 12; ++ping) {
        REQUIRE(quiet.receive_bytes(2) == std::string("\x89\x00", 2));
        quiet.send(std::string("\x8a\x80\0\0\0\0", 6));
    }
    REQUIRE(server.connections() == 1);
    // "hi", under a mask of zeros as the pongs are.
    quiet.send(std::string("\x81\x82\0\0\0\0hi", 8));
    std::string echo = quiet.receive_bytes(2);
    while (echo == std::string("\x89\x00", 2)) {
        echo = quiet.receive_bytes(2);
    }
    REQUIRE(echo + quiet.receive_bytes(2) == "\x81\x02hi");
}

TEST_CASE("a peer that does not answer the close is cut", "[websocket]") {
    limits bounds;
    bounds.sweep_ms = 10;
    bounds.websocket_close_ms = 100;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client deaf(server.port());
    deaf.send(upgrade("/ending"));
    REQUIRE(deaf.receive().status == 101);
    REQUIRE(deaf.receive_bytes(4) == "\x88\x02\x03\xe8");
    REQUIRE(deaf.is_at_end());
}

namespace {

task<void> send_much(std::shared_ptr<websocket> socket) {
    const auto message = std::make_shared<const std::string>(60'000, 'x');
    while (socket->offer(message)) {
    }
    co_await socket->until_closed();
}

task<response> sending_much(request&) {
    co_return accept({.run = send_much});
}

}  // namespace

TEST_CASE("a peer that stops reading is cut", "[websocket]") {
    limits bounds;
    bounds.sweep_ms = 10;
    bounds.write_stall_ms = 200;
    bounds.websocket_ping_ms = 50;
    bounds.websocket_queue_messages = 1'000'000;
    bounds.websocket_queue_bytes = 100'000'000;
    auto service = make_service(bounds);
    service.add({.verb = method::get, .path = "/much", .handle = sending_much, .is_websocket = true}
    );
    const running_server server(service);
    raw_client stuck(server.port());
    stuck.send(upgrade("/much"));
    REQUIRE(stuck.receive().status == 101);
    while (server.connections() > 0) {
        std::this_thread::yield();
    }
}

}  // namespace teamflow::tests
