// HTTP load from a file of requests against a server on loopback; the result is one line of JSON.
// load --port PORT --requests FILE [--connections N] [--warm-up S] [--measured S] [--rate R]
// load --bare THREADS ... starts a bare Beast server of its own and loads that.
//
// FILE holds whole HTTP requests, each after a line with its length in bytes. Connections take
// turns through all of them.

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "tests/bench/bare_server.hpp"
#include "tests/bench/load_generator.hpp"
#include "tests/bench/request_file.hpp"

namespace teamflow::bench {

namespace {

namespace asio = boost::asio;

/// A bare Beast server on threads of its own.
class bare_server {
public:
    explicit bare_server(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i) {
            contexts_.push_back(std::make_unique<asio::io_context>(1));
        }
        std::vector<asio::io_context*> all;
        all.reserve(contexts_.size());
        for (const auto& context : contexts_) {
            all.push_back(context.get());
        }
        const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
        acceptor_.emplace(*contexts_.front(), any);
        asio::co_spawn(*contexts_.front(), serve_bare(*acceptor_, all, body_), asio::detached);
        for (auto* context : all) {
            threads_.emplace_back([context] {
                const auto guard = asio::make_work_guard(*context);
                context->run();
            });
        }
    }

    bare_server(const bare_server&) = delete;
    bare_server& operator=(const bare_server&) = delete;

    ~bare_server() {
        for (const auto& context : contexts_) {
            context->stop();
        }
        threads_.clear();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_->local_endpoint().port(); }

private:
    std::string body_ = R"({"hello":"world"})";
    std::vector<std::unique_ptr<asio::io_context>> contexts_;
    std::optional<asio::ip::tcp::acceptor> acceptor_;
    std::vector<std::jthread> threads_;
};

void print(const load_result& result) {
    std::string statuses;
    for (const auto& [status, count] : result.by_status) {
        statuses += fmt::format(R"({}"{}":{})", statuses.empty() ? "" : ",", status, count);
    }
    fmt::print(
        R"({{"per_second":{:.1f},"p50_us":{:.1f},"p99_us":{:.1f},"requests":{},"succeeded":{},)"
        R"("broken":{},"by_status":{{{}}}}})"
        "\n",
        result.per_second(),
        result.latency.percentile_us(0.5),
        result.latency.percentile_us(0.99),
        result.requests,
        result.succeeded(),
        result.broken,
        statuses
    );
}

int run(int count, char** arguments) {
    load_options options;
    std::string file;
    double warm_up_s = 5;
    double measured_s = 15;
    unsigned bare_threads = 0;
    CLI::App command("HTTP load");
    command.add_option("--port", options.port);
    command.add_option("--requests", file)->required();
    command.add_option("--connections", options.connections);
    command.add_option("--threads", options.threads);
    command.add_option("--warm-up", warm_up_s);
    command.add_option("--measured", measured_s);
    command.add_option("--rate", options.rate);
    command.add_option("--bare", bare_threads);
    CLI11_PARSE(command, count, arguments);
    options.threads = std::min(options.threads, options.connections);
    options.warm_up = milliseconds_of(warm_up_s);
    options.measured = milliseconds_of(measured_s);
    const auto requests = read_requests(file);
    std::optional<bare_server> bare;
    if (bare_threads > 0) {
        bare.emplace(bare_threads);
        options.port = bare->port();
    }
    const auto make = [&](std::string& out, unsigned connection, std::uint64_t sequence) {
        out += requests[(connection + sequence) % requests.size()];
    };
    print(run_load(options, make));
    return EXIT_SUCCESS;
}

}  // namespace

}  // namespace teamflow::bench

int main(int count, char** arguments) {
    return teamflow::bench::run(count, arguments);
}
