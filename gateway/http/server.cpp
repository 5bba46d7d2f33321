#include "gateway/http/server.hpp"

#include <utility>

#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

#include "gateway/http/answer_head.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/session.hpp"

namespace teamflow::gateway {

namespace {

using asio::ip::tcp;

/// What a connection beyond the limit gets, at once: its request is not read.
std::string busy_answer(worker& from, const http_service& service) {
    request unread;
    unread.request_id = from.make_request_id();
    auto answer = problem_response("unavailable", "too many connections", unread.request_id);
    const auto body = std::get<std::string>(std::move(answer.body));
    std::string text;
    const answer_framing framing{.content_length = body.size(), .keep_alive = false};
    append_answer_head(text, unread, answer, framing, service, from.date_line());
    return text + body;
}

/// How long to wait when the process has no descriptor left for another connection.
constexpr std::chrono::milliseconds accept_retry{50};

std::unique_ptr<asio::ssl::context> make_tls(const listen_options& options) {
    if (options.tls_certificate.empty() && options.tls_key.empty()) {
        return nullptr;
    }
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context->set_options(
        asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
        asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
        asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression |
        SSL_OP_NO_RENEGOTIATION
    );
    context->use_certificate_chain_file(options.tls_certificate);
    context->use_private_key_file(options.tls_key, asio::ssl::context::pem);
    return context;
}

}  // namespace

server::server(std::vector<asio::io_context*> contexts, const http_service& service)
    : service_(service),
      acceptor_(*contexts.at(0)),
      accept_ended_(*contexts.at(0), asio::steady_timer::time_point::max()) {
    for (auto* context : contexts) {
        workers_.push_back(std::make_unique<worker>(*context, service.bounds()));
    }
}

server::~server() = default;

void server::start(const listen_options& options) {
    bind(options);
    serve();
}

void server::bind(const listen_options& options) {
    tls_ = make_tls(options);
    tcp::resolver resolver(acceptor_.get_executor());
    const auto found =
        resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive);
    const auto address = found.begin()->endpoint();
    acceptor_.open(address.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(address);
    port_ = acceptor_.local_endpoint().port();
}

void server::serve() {
    acceptor_.listen();
    for (const auto& each : workers_) {
        asio::post(each->context(), [start = each.get()] { start->start(); });
    }
    is_accepting_ = true;
    asio::co_spawn(acceptor_.get_executor(), accept_all(), asio::detached);
}

task<void> server::accept_all() {
    asio::steady_timer pause(acceptor_.get_executor());
    std::size_t next = 0;
    while (acceptor_.is_open()) {
        auto& to = *workers_[next];
        auto [failure, socket] =
            co_await acceptor_.async_accept(to.context(), asio::as_tuple(asio::use_awaitable));
        if (!acceptor_.is_open()) {
            break;
        }
        if (failure) {
            spdlog::warn("a connection could not be accepted: {}", failure.message());
            pause.expires_after(accept_retry);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        if (connections_ >= service_.bounds().connections) {
            boost::system::error_code ignored;
            socket.non_blocking(true, ignored);
            // The first worker's thread is this one.
            const auto answer = busy_answer(*workers_.front(), service_);
            socket.write_some(asio::buffer(answer), ignored);
            continue;
        }
        next = (next + 1) % workers_.size();
        deal(std::move(socket), to);
    }
    is_accepting_ = false;
    accept_ended_.cancel();
}

void server::deal(tcp::socket socket, worker& to) {
    ++connections_;
    asio::post(to.context(), [this, &to, moved = std::move(socket)] mutable {
        if (to.is_draining()) {
            --connections_;
            return;
        }
        gateway::serve(std::move(moved), to, service_, tls_.get(), [this] { --connections_; });
    });
}

task<bool> server::stop() {
    const auto until =
        connection::clock::now() + std::chrono::milliseconds(service_.bounds().drain_ms);
    co_await asio::co_spawn(acceptor_.get_executor(), close_acceptor(), asio::use_awaitable);
    // All at once first, so that no thread begins new requests while others are waited for.
    for (const auto& each : workers_) {
        asio::post(each->context(), [draining = each.get()] { draining->begin_drain(); });
    }
    bool all_ended = true;
    for (const auto& each : workers_) {
        const bool ended =
            co_await asio::co_spawn(each->context(), each->drain(until), asio::use_awaitable);
        all_ended = all_ended && ended;
    }
    co_return all_ended;
}

task<void> server::close_acceptor() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    while (is_accepting_) {
        co_await accept_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace teamflow::gateway
