// The transport over real sockets: requests, answers and streams.

#include <catch2/catch.hpp>

#include "tests/support/http_fixture.hpp"
#include "tests/support/http_service.hpp"

namespace teamflow::tests {

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

TEST_CASE("the head stays readable while any body arrives", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    std::string head = "PUT /things/a%21b HTTP/1.1\r\nHost: x\r\nX-Word: w\r\nX-Pad: ";
    const auto framing = std::string("\r\nTransfer-Encoding: chunked\r\n\r\n");
    // Whatever place in the buffer earlier requests leave to this one, and however long it is.
    for (const std::size_t before : {0UZ, 3000UZ, 6000UZ, 7900UZ}) {
        for (const std::size_t padding : {0UZ, 4000UZ, 8192 - head.size() - framing.size()}) {
            std::string body;
            std::string chunks;
            for (int i = 0; i < 300; ++i) {
                const std::string piece(100, static_cast<char>('a' + i % 26));
                body += piece;
                chunks += "64\r\n" + piece + "\r\n";
            }
            const auto first = get("/hello", "X-Pad: " + std::string(before, 'p') + "\r\n");
            std::string sent = first;
            sent += head;
            sent += std::string(padding, 'p');
            sent += framing;
            sent += chunks;
            client.send(sent);
            client.send("0\r\n\r\n" + get("/things/next"));
            REQUIRE(client.receive().status == 200);
            REQUIRE(client.receive().body == "a!b|w|" + body);
            REQUIRE(client.receive().body == "next");
        }
    }
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

TEST_CASE("what the database says becomes 503 where trying again can help", "[http]") {
    const auto service = make_service();
    const running_server server(service);
    raw_client client(server.port());
    const auto answer_to = [&client](std::string_view state) {
        client.send(get("/database/" + std::string(state)));
        return client.receive();
    };
    CHECK(answer_to("53100").body.find("storage_full") != std::string::npos);
    CHECK(answer_to("42P01").body.find("read_model_behind") != std::string::npos);
    // Too many connections, shut down, a disk that cannot be read, a deadlock.
    for (const auto* state : {"53300", "57P01", "57P03", "58030", "40P01"}) {
        const auto answer = answer_to(state);
        CHECK(answer.status == 503);
        CHECK(answer.field("Retry-After") == "1");
        CHECK(answer.body.find("database_unavailable") != std::string::npos);
        CHECK(answer.body.find("secret") == std::string::npos);
    }
    // No such column: a fault of ours.
    CHECK(answer_to("42703").status == 500);
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

}  // namespace teamflow::tests
