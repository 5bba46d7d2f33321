// The transport under strain: limits, slow peers, and the orderly stop.

#include <atomic>
#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "events/json/parse.hpp"
#include "tests/support/http_fixture.hpp"
#include "tests/support/http_service.hpp"

namespace teamflow::tests {

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
    CHECK(answer.field("Content-Type") == "application/problem+json");
    CHECK(answer.field("Retry-After") == "1");
    CHECK(answer.field("Connection") == "close");
    CHECK_FALSE(answer.field("Date").empty());
    const auto problem = events::json::parse(answer.body);
    REQUIRE(problem);
    const auto& members = problem->as_object();
    const auto text = [&](std::string_view name) {
        return std::string(members.at(name).as_string());
    };
    CHECK(text("error") == "unavailable");
    CHECK(text("message") == "too many connections");
    CHECK(text("request_id") == answer.field("X-Request-ID"));
    CHECK(members.at("resource").is_null());
    CHECK(members.at("resource_id").is_null());
    CHECK(answer.field("X-Request-ID").size() == 36);
    CHECK(third.is_at_end());
}

namespace {

/// A handler that waits until the test lets it go.
class held_handler {
public:
    task<response> wait(request&) {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer poll(executor);
        is_entered = true;
        while (!is_released) {
            poll.expires_after(std::chrono::milliseconds(2));
            co_await poll.async_wait(asio::use_awaitable);
        }
        ++ended;
        co_return gateway::json_response(200, "{}");
    }

    std::atomic<bool> is_entered = false;
    std::atomic<bool> is_released = false;
    std::atomic<int> ended = 0;
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

TEST_CASE("what is not answered in time is answered 503, and goes on", "[http]") {
    held_handler held;
    limits bounds;
    bounds.answer_ms = 100;
    bounds.sweep_ms = 10;
    auto service = make_service(bounds);
    service.add({method::get, "/held", [&held](request& what) { return held.wait(what); }});
    service.add({method::post, "/held", [&held](request& what) { return held.wait(what); }});
    const running_server server(service);
    const auto refused = [&](const std::string& bytes, std::string_view code) {
        raw_client client(server.port());
        client.send(bytes + get("/hello"));
        const auto answer = client.receive();
        CHECK(answer.status == 503);
        CHECK(answer.field("Retry-After") == "1");
        CHECK(answer.field("Connection") == "close");
        CHECK(answer.body.find("\"error\":\"" + std::string(code) + '"') != std::string::npos);
        CHECK(client.is_at_end());
    };
    refused(get("/held"), "unavailable");
    refused(post("/held", "{}"), "outcome_unknown");
    // The handlers hold their connections for as long as they need.
    CHECK(server.connections() == 2);
    raw_client other(server.port());
    other.send(get("/hello"));
    CHECK(other.receive().status == 200);
    CHECK(held.ended == 0);
    held.is_released = true;
    while (server.connections() > 1) {
        std::this_thread::yield();
    }
    CHECK(held.ended == 2);
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
    task<response> answer() {
        co_return streamed([this](body_writer& out) { return run(out); });
    }

    task<void> run(body_writer& out) {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer never(executor, asio::steady_timer::time_point::max());
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
    service.add({method::get, "/endless", [&stream](request&) { return stream.answer(); }});
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
