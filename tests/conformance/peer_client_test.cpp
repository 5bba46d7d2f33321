// The client for requests between gateways, against the real server and against bad ones.

#include "gateway/forward/peer_client.hpp"

#include <atomic>
#include <functional>

#include <catch2/catch.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>

#include "gateway/forward/peer_tls.hpp"
#include "tests/support/http_fixture.hpp"
#include "tests/support/http_service.hpp"
#include "tests/support/postgres_fixture.hpp"
#include "tests/support/tls_files.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using gateway::peer_answer;
using gateway::peer_client;
using gateway::peer_failure;
using clock = std::chrono::steady_clock;

std::string address_of(std::uint16_t port, std::string_view scheme = "http") {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port);
}

/// A client and the context that it lives on.
class calling {
public:
    explicit calling(peer_client::limits how = {}, const std::string& certificate = {})
        : client_(io_.get_executor(), gateway::make_peer_tls(certificate), how) {}

    std::expected<peer_answer, peer_failure> post(
        const std::string& address,
        std::string body,
        peer_client::patience how = {.until = clock::now() + 20s}
    ) {
        return run_task(io_, client_.post(address, {"/echo", std::move(body)}, std::move(how)));
    }

    /// All at once; how many were answered with their own body.
    int post_all(const std::string& address, int count) {
        int answered = 0;
        int ended = 0;
        for (int i = 0; i < count; ++i) {
            const auto body = std::to_string(i);
            asio::co_spawn(
                io_,
                client_.post(address, {"/echo", body}, {.until = clock::now() + 20s}),
                [&, body](
                    const std::exception_ptr& error,
                    const std::expected<peer_answer, peer_failure>& answer
                ) {
                    ++ended;
                    answered += !error && answer && answer->body == body ? 1 : 0;
                }
            );
        }
        io_.restart();
        while (ended < count && io_.run_one_for(20s) > 0) {
        }
        return answered;
    }

private:
    asio::io_context io_{1};
    peer_client client_;
};

/// Takes connections and does with each what it is told.
class bad_server {
public:
    explicit bad_server(std::function<void(tcp::socket&)> act)
        : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
          thread_([this, act = std::move(act)] {
              boost::system::error_code closed;
              tcp::socket socket(context_);
              while (!ended_) {
                  acceptor_.accept(socket, closed);
                  if (!closed && !ended_) {
                      act(socket);
                  }
                  socket.close();
              }
          }) {}

    ~bad_server() {
        ended_ = true;
        boost::system::error_code ignored;
        tcp::socket last(context_);
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }

    bad_server(const bad_server&) = delete;
    bad_server& operator=(const bad_server&) = delete;

    [[nodiscard]] std::string address() const {
        return address_of(acceptor_.local_endpoint().port());
    }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

void read_request(tcp::socket& socket) {
    std::string request;
    boost::system::error_code gone;
    asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", gone);
}

/// Returns when the peer has gone away.
void read_all(tcp::socket& socket) {
    std::array<char, 4096> buffer{};
    boost::system::error_code gone;
    while (!gone) {
        socket.read_some(asio::buffer(buffer), gone);
    }
}

}  // namespace

TEST_CASE("requests to a peer share its connection, one after the other", "[peer]") {
    const auto service = make_service();
    const running_server server(service);
    calling client;
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.post(address_of(server.port()), "{}");
        REQUIRE(answer.has_value());
        CHECK(answer->status == 200);
        CHECK(answer->body == "{}");
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("requests beyond the connections wait their turn", "[peer]") {
    const auto service = make_service();
    const running_server server(service);
    calling client({.connections = 4});
    CHECK(client.post_all(address_of(server.port()), 300) == 300);
    CHECK(server.connections() <= 4);
}

TEST_CASE("requests beyond what may wait fail, surely not sent", "[peer]") {
    const auto service = make_service();
    const running_server server(service);
    calling client({.connections = 1, .waiting = 10});
    CHECK(client.post_all(address_of(server.port()), 50) == 11);
}

TEST_CASE("where nobody listens, nothing was sent", "[peer]") {
    calling client;
    std::uint16_t port = 0;
    {
        const auto service = make_service();
        const running_server server(service);
        port = server.port();
    }
    for (const auto& address :
         {address_of(port),
          std::string(),
          std::string("127.0.0.1:8080"),
          std::string("ftp://127.0.0.1:80"),
          std::string("http://127.0.0.1"),
          std::string("process 17")}) {
        const auto answer = client.post(address, "{}");
        REQUIRE(!answer.has_value());
        CHECK(!answer.error().was_sent);
    }
}

TEST_CASE("a peer that went away and came back is reached again", "[peer]") {
    const auto service = make_service();
    calling client;
    gateway::listen_options where = running_server::any_port();
    for (int i = 0; i < 3; ++i) {
        const running_server server(service, where);
        where.port = server.port();
        REQUIRE(client.post(address_of(server.port()), "{}").has_value());
    }
}

TEST_CASE("a peer that ends the connection may have read the request", "[peer]") {
    const bad_server server(read_request);
    calling client;
    const auto answer = client.post(server.address(), "{}");
    REQUIRE(!answer.has_value());
    CHECK(answer.error().was_sent);
}

TEST_CASE("an answer that is no HTTP is none", "[peer]") {
    const bad_server server([](tcp::socket& socket) {
        read_request(socket);
        asio::write(socket, asio::buffer(std::string_view("SSH-2.0-OpenSSH\r\n\r\n")));
    });
    calling client;
    const auto answer = client.post(server.address(), "{}");
    REQUIRE(!answer.has_value());
    CHECK(answer.error().was_sent);
}

TEST_CASE("a silent peer is waited for within the patience only", "[peer]") {
    const bad_server server(read_all);
    calling client({.last_wait = 100ms, .sweep = 5ms});
    const auto begun = clock::now();
    SECTION("by time") {
        const auto answer = client.post(server.address(), "{}", {.until = begun + 200ms});
        REQUIRE(!answer.has_value());
        CHECK(answer.error().was_sent);
        CHECK(clock::now() - begun >= 200ms);
    }
    SECTION("until it is not worth waiting any more") {
        const auto answer =
            client.post(server.address(), "{}", {.until = begun + 1h, .is_worthwhile = [&] {
                                                     return clock::now() < begun + 50ms;
                                                 }});
        REQUIRE(!answer.has_value());
        CHECK(answer.error().was_sent);
    }
}

TEST_CASE("peers with the same certificate believe each other, others are not sent to", "[peer]") {
    const tls_files files;
    const tls_files others;
    const auto service = make_service();
    auto options = running_server::any_port();
    options.tls_certificate = files.certificate();
    options.tls_key = files.key();
    const running_server server(service, options);
    const auto address = address_of(server.port(), "https");
    calling same({}, files.certificate());
    for (int i = 0; i < 3; ++i) {
        const auto answer = same.post(address, R"({"a":1})");
        REQUIRE(answer.has_value());
        CHECK(answer->body == R"({"a":1})");
    }
    CHECK(server.connections() == 1);
    for (const auto& certificate : {std::string(others.certificate()), std::string()}) {
        calling stranger({}, certificate);
        const auto answer = stranger.post(address, "{}");
        REQUIRE(!answer.has_value());
        CHECK(!answer.error().was_sent);
    }
}

}  // namespace teamflow::tests
