// The transport against a bare Beast server, turn by turn in one process: requests per second.

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "gateway/http/server.hpp"
#include "tests/bench/bare_server.hpp"
#include "tests/bench/load_generator.hpp"

namespace teamflow::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using infra::task;

const std::string body = R"({"hello":"world"})";

task<gateway::response> hello(gateway::request&) {
    co_return gateway::json_response(200, body);
}

void print(std::string_view name, unsigned connections, const load_result& result) {
    fmt::print(
        "{:<8} {:>4} connections {:>9.0f}/s  p50 {:>7.1f} us  p99 {:>7.1f} us  broken {}\n",
        name,
        connections,
        result.per_second(),
        result.latency.percentile_us(0.5),
        result.latency.percentile_us(0.99),
        result.broken
    );
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void compare(std::uint16_t ours, std::uint16_t beast, unsigned connections, unsigned rounds) {
    const auto make = [](std::string& out, unsigned, std::uint64_t) {
        out +=
            "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n"
            "Accept: application/json\r\n\r\n";
    };
    load_options options;
    options.connections = connections;
    options.warm_up = std::chrono::milliseconds(500);
    options.measured = std::chrono::milliseconds(2000);
    std::vector<double> ratios;
    for (unsigned i = 0; i < rounds; ++i) {
        options.port = beast;
        const auto bare = run_load(options, make);
        options.port = ours;
        const auto full = run_load(options, make);
        print("beast", connections, bare);
        print("teamflow", connections, full);
        ratios.push_back(full.per_second() / bare.per_second());
    }
    fmt::print(
        "ratio at {} connections: {:.2f} (median of {})\n\n", connections, median(ratios), rounds
    );
}

void run(unsigned threads, unsigned rounds) {
    std::vector<std::unique_ptr<asio::io_context>> owned;
    std::vector<asio::io_context*> contexts;
    contexts.reserve(threads);
    for (unsigned i = 0; i < threads; ++i) {
        contexts.push_back(owned.emplace_back(std::make_unique<asio::io_context>(1)).get());
    }
    gateway::http_service service{gateway::service_options{}};
    service.add({gateway::method::get, "/hello", hello});
    gateway::server server(contexts, service);
    gateway::listen_options listen;
    listen.port = 0;
    server.start(listen);

    tcp::acceptor acceptor(*contexts[0], tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::co_spawn(*contexts[0], serve_bare(acceptor, contexts, body), asio::detached);

    std::vector<std::jthread> running;
    running.reserve(contexts.size());
    for (auto* context : contexts) {
        running.emplace_back([context] { context->run(); });
    }
    for (const unsigned connections : {1U, 64U, 256U}) {
        compare(server.port(), acceptor.local_endpoint().port(), connections, rounds);
    }
    for (auto* context : contexts) {
        context->stop();
    }
}

}  // namespace

}  // namespace teamflow::bench

/// Arguments: threads of each server (default 4), rounds (default 3).
int main(int argc, char** argv) {
    const auto number = [&](int at, unsigned otherwise) {
        return argc > at ? static_cast<unsigned>(std::strtoul(argv[at], nullptr, 10)) : otherwise;
    };
    teamflow::bench::run(number(1, 4), number(2, 3));
    return 0;
}
