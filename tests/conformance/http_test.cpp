// The transport over real sockets: framing, limits, deadlines, streams and the orderly stop.

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/http/problem.hpp"
#include "gateway/http/service.hpp"
#include "tests/support/http_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace teamflow::gateway;

task<response> hello(request&) {
    co_return json_response(200, R"({"hello":"world"})");
}

task<response> echo(request& what) {
    co_return json_response(200, std::move(what.body));
}

task<response> describe(request& what) {
    auto answer = json_response(201, std::string(what.path_value("id")));
    answer.add_header("ETag", "\"7\"");
    answer.add_header("X-Seen-Query", what.query_text);
    co_return answer;
}

task<response> fail(request&) {
    throw std::runtime_error("secret detail");
    co_return response();
}

task<response> be_unavailable(request&) {
    throw unavailable("storage_full", 7, "the disk is full");
    co_return response();
}

task<void> three_lines(body_writer& out) {
    co_await out.write("one\n");
    co_await out.write("two\n");
    co_await out.write("three\n");
}

task<void> one_line_then_fail(body_writer& out) {
    co_await out.write("one\n");
    throw std::runtime_error("half way");
}

task<void> fail_at_once(body_writer&) {
    throw unavailable("read_model_behind", 1, "not yet");
    co_return;
}

response streamed(body_producer produce) {
    response answer;
    answer.content_type = media::ndjson;
    answer.body = std::move(produce);
    return answer;
}

task<response> stream_lines(request&) {
    co_return streamed(three_lines);
}

task<response> stream_broken(request&) {
    co_return streamed(one_line_then_fail);
}

task<response> stream_unavailable(request&) {
    co_return streamed(fail_at_once);
}

task<response> big(request&) {
    response answer;
    answer.content_type = media::text;
    answer.body = std::make_shared<const std::string>(1'000'000, 'x');
    co_return answer;
}

/// Counts what the transport reports.
class counting_observer final : public observer {
public:
    void request_finished(const finished_request& what) override {
        ++finished;
        last_status = what.status;
    }

    void request_refused(unsigned status) override {
        ++refused;
        last_status = status;
    }

    void connection_opened() override { ++opened; }

    void connection_closed() override { ++closed; }

    void websocket_opened() override {}

    void websocket_closed() override {}

    std::atomic<unsigned> finished = 0;
    std::atomic<unsigned> refused = 0;
    std::atomic<unsigned> last_status = 0;
    std::atomic<unsigned> opened = 0;
    std::atomic<unsigned> closed = 0;
};

http_service make_service(limits bounds = {}, observer* watch = nullptr) {
    service_options options;
    options.bounds = bounds;
    options.cors_origins = {"https://app.example.org"};
    options.watch = watch;
    http_service service(std::move(options));
    service.add({method::get, "/hello", hello});
    service.add({method::post, "/echo", echo});
    service.add({.verb = method::post, .path = "/small", .handle = echo, .body_limit = 10});
    service.add({method::get, "/things/{id}", describe});
    service.add({method::get, "/fail", fail});
    service.add({method::get, "/unavailable", be_unavailable});
    service.add({method::get, "/lines", stream_lines});
    service.add({method::get, "/broken", stream_broken});
    service.add({method::get, "/behind", stream_unavailable});
    service.add({method::get, "/big", big});
    return service;
}

std::string get(std::string_view target, std::string_view more = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view more = {}) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// A request that is answered; the connection must be closed after it.
unsigned status_and_close(std::uint16_t port, std::string_view bytes) {
    raw_client client(port);
    client.send(bytes);
    const auto answer = client.receive();
    REQUIRE(answer.field("Connection") == "close");
    REQUIRE(client.is_at_end());
    return answer.status;
}

}  // namespace

TEST_CASE("a connection carries one request after the other", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/hello"));
        const auto answer = client.receive();
        REQUIRE(answer.status == 200);
        REQUIRE(answer.body == R"({"hello":"world"})");
        REQUIRE(answer.field("Content-Type") == "application/json");
        REQUIRE(answer.field("X-Content-Type-Options") == "nosniff");
        REQUIRE(answer.field("Cache-Control") == "no-store");
        REQUIRE(answer.field("X-Request-ID").size() == 36);
        REQUIRE(answer.field("Date").ends_with(" GMT"));
        REQUIRE(answer.field("Connection").empty());
    }
}

TEST_CASE("pipelined requests are answered in their order", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    std::string many;
    for (int i = 0; i < 500; ++i) {
        many += get("/things/" + std::to_string(i));
    }
    many += "\r\n" + post("/echo", "{}") + get("/hello", "Connection: close\r\n");
    client.send(many);
    for (int i = 0; i < 500; ++i) {
        REQUIRE(client.receive().body == std::to_string(i));
    }
    REQUIRE(client.receive().body == "{}");
    const auto last = client.receive();
    REQUIRE(last.field("Connection") == "close");
    REQUIRE(client.is_at_end());
}

TEST_CASE("a request may arrive byte by byte", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.socket().set_option(asio::ip::tcp::no_delay(true));
    const auto request = post("/echo", "[1,2]");
    for (const char& byte : request) {
        client.send({&byte, 1});
    }
    REQUIRE(client.receive().body == "[1,2]");
    for (const char& byte : std::string_view("POST /echo HTTP/1.1\r\nHost: x\r\n"
                                             "Transfer-Encoding: chunked\r\n\r\n"
                                             "3;a=b\r\n[1,\r\n2\r\n2]\r\n0\r\nX: y\r\n\r\n")) {
        client.send({&byte, 1});
    }
    REQUIRE(client.receive().body == "[1,2]");
}

TEST_CASE("handlers see parameters, and their header fields go out", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(get("/things/a%20b?x=1", "X-Request-ID: my-id\r\n"));
    const auto answer = client.receive();
    REQUIRE(answer.status == 201);
    REQUIRE(answer.body == "a b");
    REQUIRE(answer.field("ETag") == "\"7\"");
    REQUIRE(answer.field("X-Seen-Query") == "x=1");
    REQUIRE(answer.field("X-Request-ID") == "my-id");
}

TEST_CASE("HEAD, OPTIONS, unknown paths and methods", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.receive(true).field("Content-Length") == "17");
    client.send("HEAD /lines HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.receive(true).field("Transfer-Encoding") == "chunked");
    client.send("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto options = client.receive();
    REQUIRE(options.status == 204);
    REQUIRE(options.field("Allow") == "GET, HEAD, OPTIONS");
    client.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.receive().status == 204);
    client.send(get("/hello/"));
    REQUIRE(client.receive().status == 404);
    client.send(get("/things/%zz"));
    REQUIRE(client.receive().status == 400);
    client.send("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto refused = client.receive();
    REQUIRE(refused.status == 405);
    REQUIRE(refused.field("Allow") == "GET, HEAD, OPTIONS");
    REQUIRE(refused.field("Content-Type") == "application/problem+json");
    client.send("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(client.receive().status == 405);
}

TEST_CASE("a preflight is answered for listed origins only", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    const std::string preflight =
        "OPTIONS /echo HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: POST\r\nOrigin: ";
    client.send(preflight + "https://app.example.org\r\n\r\n");
    const auto listed = client.receive();
    REQUIRE(listed.field("Access-Control-Allow-Origin") == "https://app.example.org");
    REQUIRE(listed.field("Access-Control-Allow-Methods") == "POST, OPTIONS");
    client.send(preflight + "https://evil.example.org\r\n\r\n");
    const auto foreign = client.receive();
    REQUIRE(foreign.status == 204);
    REQUIRE(foreign.field("Access-Control-Allow-Origin").empty());
    REQUIRE(foreign.field("Access-Control-Allow-Methods").empty());
}

TEST_CASE("exceptions of handlers become problems without internals", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(get("/fail"));
    const auto failed = client.receive();
    REQUIRE(failed.status == 500);
    REQUIRE(failed.body.find("internal_error") != std::string::npos);
    REQUIRE(failed.body.find("secret") == std::string::npos);
    client.send(get("/unavailable"));
    const auto full = client.receive();
    REQUIRE(full.status == 503);
    REQUIRE(full.field("Retry-After") == "7");
    REQUIRE(full.body.find("storage_full") != std::string::npos);
}

TEST_CASE("streamed answers", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(get("/lines") + get("/hello"));
    REQUIRE(client.receive().body == "one\ntwo\nthree\n");
    REQUIRE(client.receive().status == 200);
    client.send(get("/behind"));
    REQUIRE(client.receive().status == 503);
    client.send("GET /lines HTTP/1.0\r\n\r\n");
    const auto old = client.receive();
    REQUIRE(old.field("Transfer-Encoding").empty());
    REQUIRE(old.body == "one\ntwo\nthree\n");
    raw_client cut(server.port());
    cut.send(get("/broken"));
    REQUIRE_THROWS(cut.receive());
}

TEST_CASE("HTTP/1.0 keeps the connection on request only", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    REQUIRE(client.receive().field("Connection") == "keep-alive");
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    REQUIRE(client.receive().field("Connection") == "close");
    REQUIRE(client.is_at_end());
}

TEST_CASE("bodies up to the route's limit", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(post("/small", std::string(9, 'x')));
    REQUIRE(client.receive().status == 200);
    client.send(post("/small", std::string(10, 'x')));
    REQUIRE(client.receive().status == 200);
    REQUIRE(status_and_close(server.port(), post("/small", std::string(11, 'x'))) == 413);
    const std::string chunked =
        "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(chunked + "5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n");
    REQUIRE(client.receive().body == "1234567890");
    REQUIRE(status_and_close(server.port(), chunked + "5\r\n12345\r\n6\r\n678901\r\n") == 413);
    const std::string million(1024 * 1024, 'x');
    client.send(post("/echo", million));
    REQUIRE(client.receive().body == million);
    REQUIRE(status_and_close(server.port(), post("/echo", million + "x")) == 413);
    REQUIRE(status_and_close(server.port(), post("/echo", std::string(5'000'000, 'x'))) == 413);
}

TEST_CASE("headers and targets up to their limits", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    const std::string line = "GET /hello HTTP/1.1\r\nHost: x\r\nX-Pad: ";
    const auto with_head_of = [&](std::size_t size) {
        return line + std::string(size - line.size() - 4, 'p') + "\r\n\r\n";
    };
    const auto with_fields = [](unsigned count) {
        std::string request = "GET /hello HTTP/1.1\r\nHost: x\r\n";
        for (unsigned i = 1; i < count; ++i) {
            request += "A: b\r\n";
        }
        return request + "\r\n";
    };
    raw_client client(server.port());
    for (const auto& fits : {with_head_of(8191), with_head_of(8192), with_fields(100)}) {
        client.send(fits);
        REQUIRE(client.receive().status == 200);
    }
    client.send(get("/" + std::string(4095, 't')));
    REQUIRE(client.receive().status == 404);
    REQUIRE(status_and_close(server.port(), with_head_of(8193)) == 431);
    REQUIRE(status_and_close(server.port(), with_head_of(100'000)) == 431);
    REQUIRE(status_and_close(server.port(), with_fields(101)) == 431);
    REQUIRE(status_and_close(server.port(), get("/" + std::string(4096, 't'))) == 414);
    REQUIRE(status_and_close(server.port(), get("/" + std::string(100'000, 't'))) == 414);
}

TEST_CASE("what is malformed gets a problem and the connection ends", "[http]") {
    counting_observer counted;
    const auto service = make_service({}, &counted);
    const running_server server(service);
    REQUIRE(status_and_close(server.port(), "GET /hello HTTP/1.1\r\n\r\n") == 400);
    REQUIRE(status_and_close(server.port(), "\x16\x03\x01") == 400);
    REQUIRE(
        status_and_close(
            server.port(),
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: "
            "2\r\n\r\n{}"
        ) == 415
    );
    REQUIRE(
        status_and_close(
            server.port(),
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n"
        ) == 400
    );
    REQUIRE(status_and_close(server.port(), get("/hello", "X-Request-ID: a b\r\n")) == 400);
    REQUIRE(counted.refused >= 2);
}

TEST_CASE("a client that expects it is told to continue", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    );
    REQUIRE(client.receive().status == 100);
    client.send("{}");
    REQUIRE(client.receive().body == "{}");
    const auto refused = status_and_close(
        server.port(),
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
    );
    REQUIRE(refused == 413);
}

TEST_CASE("slow senders are cut at one deadline that no byte prolongs", "[http]") {
    limits bounds;
    bounds.header_ms = 300;
    bounds.request_ms = 600;
    bounds.sweep_ms = 10;
    const auto service = make_service(bounds);
    const running_server server(service);
    const auto trickle = [&](std::string_view start) {
        raw_client client(server.port());
        client.send(start);
        std::atomic<bool> is_answered = false;
        std::thread sender([&] {
            for (int i = 0; i < 500 && !is_answered; ++i) {
                client.send("a");
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
        const auto answer = client.receive();
        is_answered = true;
        sender.join();
        return answer.status;
    };
    REQUIRE(trickle("GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ") == 408);
    REQUIRE(trickle("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n") == 408);
    raw_client silent(server.port());
    REQUIRE(silent.is_at_end());
}

TEST_CASE("a slow reader is cut, others are served meanwhile", "[http]") {
    limits bounds;
    bounds.write_stall_ms = 300;
    bounds.sweep_ms = 10;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client slow(server.port());
    std::string many;
    for (int i = 0; i < 40; ++i) {
        many += get("/big");
    }
    slow.send(many);
    raw_client quick(server.port());
    quick.send(get("/hello"));
    REQUIRE(quick.receive().status == 200);
    while (server.connections() > 1) {
        std::this_thread::yield();
    }
    REQUIRE_THROWS([&] {
        for (int i = 0; i < 40; ++i) {
            slow.receive();
        }
    }());
}

TEST_CASE("idle connections are closed after their time", "[http]") {
    limits bounds;
    bounds.keep_alive_idle_ms = 200;
    bounds.sweep_ms = 10;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client client(server.port());
    client.send(get("/hello"));
    REQUIRE(client.receive().status == 200);
    REQUIRE(client.is_at_end());
}

TEST_CASE("more connections than allowed are answered 503", "[http]") {
    limits bounds;
    bounds.connections = 2;
    const auto service = make_service(bounds);
    const running_server server(service);
    raw_client first(server.port());
    raw_client second(server.port());
    first.send(get("/hello"));
    second.send(get("/hello"));
    REQUIRE(first.receive().status == 200);
    REQUIRE(second.receive().status == 200);
    raw_client third(server.port());
    const auto answer = third.receive();
    REQUIRE(answer.status == 503);
    REQUIRE(answer.body.ends_with("}\r\n"));
}

namespace {

/// A handler that waits until the test lets it go.
class held_handler {
public:
    task<response> wait(request&) {
        asio::steady_timer poll(co_await asio::this_coro::executor);
        is_entered = true;
        while (!is_released) {
            poll.expires_after(std::chrono::milliseconds(2));
            co_await poll.async_wait(asio::use_awaitable);
        }
        co_return json_response(200, "{}");
    }

    std::atomic<bool> is_entered = false;
    std::atomic<bool> is_released = false;
};

}  // namespace

TEST_CASE("a stop lets requests under way finish and closes what is idle", "[http]") {
    held_handler held;
    auto service = make_service();
    service.add({method::get, "/held", [&held](request& what) { return held.wait(what); }});
    running_server server(service);
    raw_client idle(server.port());
    idle.send(get("/hello"));
    REQUIRE(idle.receive().status == 200);
    raw_client busy(server.port());
    busy.send(get("/held") + get("/hello"));
    while (!held.is_entered) {
        std::this_thread::yield();
    }
    auto stopped = server.stop();
    REQUIRE(idle.is_at_end());
    held.is_released = true;
    const auto answer = busy.receive();
    REQUIRE(answer.status == 200);
    REQUIRE(answer.field("Connection") == "close");
    REQUIRE(busy.is_at_end());
    REQUIRE(stopped.get());
    REQUIRE_THROWS(raw_client(server.port()));
}

TEST_CASE("a stop cancels what does not finish in time", "[http]") {
    held_handler held;
    limits bounds;
    bounds.drain_ms = 100;
    auto service = make_service(bounds);
    service.add({method::get, "/held", [&held](request& what) { return held.wait(what); }});
    running_server server(service);
    raw_client busy(server.port());
    busy.send(get("/held"));
    while (!held.is_entered) {
        std::this_thread::yield();
    }
    REQUIRE(server.stop().get());
    REQUIRE(busy.is_at_end());
}

namespace {

/// A stream without end that is told when nobody listens any more.
class endless_stream {
public:
    task<void> run(body_writer& out) {
        asio::steady_timer never(
            co_await asio::this_coro::executor, asio::steady_timer::time_point::max()
        );
        out.on_close([&never] { never.cancel(); });
        co_await out.write(": hello\n\n");
        boost::system::error_code cancelled;
        co_await never.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        out.on_close({});
        is_ended = true;
    }

    std::atomic<bool> is_ended = false;
};

}  // namespace

TEST_CASE("an endless stream ends with its reader and with the server", "[http]") {
    endless_stream stream;
    auto service = make_service();
    const auto produce = [&stream](body_writer& out) { return stream.run(out); };
    service.add({method::get, "/endless", [&](request&) -> task<response> {
                     co_return streamed(produce);
                 }});
    running_server server(service);
    {
        raw_client leaving(server.port());
        leaving.send(get("/endless"));
        REQUIRE(leaving.receive_bytes(9 + 4) == "HTTP/1.1 200 ");
    }
    while (!stream.is_ended) {
        std::this_thread::yield();
    }
    stream.is_ended = false;
    raw_client staying(server.port());
    staying.send(get("/endless"));
    staying.receive_bytes(13);
    REQUIRE(server.stop().get());
    REQUIRE(stream.is_ended);
}

TEST_CASE("requests and connections are observed", "[http]") {
    counting_observer counted;
    {
        const auto service = make_service({}, &counted);
        const running_server server(service);
        raw_client client(server.port());
        client.send(get("/hello") + get("/nothing"));
        REQUIRE(client.receive().status == 200);
        REQUIRE(client.receive().status == 404);
    }
    REQUIRE(counted.finished == 2);
    REQUIRE(counted.last_status == 404);
    REQUIRE(counted.opened == 1);
    REQUIRE(counted.closed == 1);
}

}  // namespace teamflow::tests
