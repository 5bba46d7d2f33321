// How long a command takes to reach the WebSockets of its organization, at a steady rate; the
// result is one line of JSON.
// feed_latency --port PORT --requests FILE --rate R [--connections N] TICKET...
//
// FILE is as for `load`; in each request, 20 times `@` are replaced with the moment it is sent.
// That moment is read back from the event, so that command, append and feed all count.

#include <charconv>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "tests/bench/load_generator.hpp"
#include "tests/bench/request_file.hpp"

namespace teamflow::bench {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using asio::ip::tcp;

constexpr std::string_view placeholder = "@@@@@@@@@@@@@@@@@@@@";
constexpr std::string_view before_moment = "sent at ";

std::int64_t nanoseconds_now() {
    return std::chrono::nanoseconds(clock::now().time_since_epoch()).count();
}

/// The moment that a message carries.
std::optional<std::int64_t> moment_in(std::string_view message) {
    const auto at = message.find(before_moment);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto digits = message.substr(at + before_moment.size(), placeholder.size());
    std::int64_t moment = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), moment);
    return moment;
}

/// All feeds on one thread.
class listeners {
public:
    listeners(std::uint16_t port, const std::vector<std::string>& tickets) {
        for (const auto& ticket : tickets) {
            auto& feed = feeds_.emplace_back(io_);
            feed.socket.next_layer().connect({asio::ip::address_v4::loopback(), port});
            feed.socket.next_layer().set_option(tcp::no_delay(true));
            feed.socket.handshake("127.0.0.1", "/ws/events?ticket=" + ticket);
            read(feed);
        }
        thread_ = std::jthread([this] { io_.run(); });
    }

    listeners(const listeners&) = delete;
    listeners& operator=(const listeners&) = delete;

    ~listeners() { io_.stop(); }

    /// From now on. Called once, from any thread.
    void count_from(clock::time_point begin) {
        asio::post(io_, [this, begin] { begin_ = begin; });
    }

    histogram finish() {
        io_.stop();
        thread_.join();
        return latency_;
    }

private:
    struct feed {
        explicit feed(asio::io_context& io) : socket(io) {}

        boost::beast::websocket::stream<tcp::socket> socket;
        boost::beast::flat_buffer buffer;
    };

    void read(feed& from) {
        from.socket.async_read(
            from.buffer,
            [this, &from](boost::system::error_code failure, std::size_t /*size*/) {
                if (failure) {
                    fmt::print(stderr, "a feed ended: {}\n", failure.message());
                    std::exit(EXIT_FAILURE);
                }
                take(from);
                read(from);
            }
        );
    }

    void take(feed& from) {
        const auto bytes = from.buffer.cdata();
        const std::string_view message(static_cast<const char*>(bytes.data()), bytes.size());
        const auto now = clock::now();
        if (const auto sent = moment_in(message); sent && begin_ && now >= *begin_) {
            latency_.add(std::chrono::nanoseconds(nanoseconds_now() - *sent));
        }
        from.buffer.consume(from.buffer.size());
    }

    asio::io_context io_{1};
    std::deque<feed> feeds_;
    std::optional<clock::time_point> begin_;
    histogram latency_;
    std::jthread thread_;
};

int run(int count, char** arguments) {
    load_options options;
    std::string file;
    std::vector<std::string> tickets;
    double warm_up_s = 2;
    double measured_s = 10;
    CLI::App command("From a command to the WebSockets");
    command.add_option("--port", options.port)->required();
    command.add_option("--requests", file)->required();
    command.add_option("--rate", options.rate)->required();
    command.add_option("--connections", options.connections);
    command.add_option("--warm-up", warm_up_s);
    command.add_option("--measured", measured_s);
    command.add_option("tickets", tickets)->required();
    CLI11_PARSE(command, count, arguments);
    options.threads = 1;
    options.warm_up = milliseconds_of(warm_up_s);
    options.measured = milliseconds_of(measured_s);
    const auto requests = read_requests(file);
    listeners all(options.port, tickets);
    const auto make = [&](std::string& out, unsigned connection, std::uint64_t sequence) {
        out = requests[(connection + sequence) % requests.size()];
        const auto at = out.find(placeholder);
        out.replace(at, placeholder.size(), fmt::format("{:020}", nanoseconds_now()));
    };
    all.count_from(clock::now() + options.warm_up);
    const auto commands = run_load(options, make);
    const auto latency = all.finish();
    fmt::print(
        R"({{"p50_ms":{:.3f},"p99_ms":{:.3f},"events_per_second":{:.1f},)"
        R"("commands_per_second":{:.1f},"command_p50_us":{:.1f},"command_p99_us":{:.1f}}})"
        "\n",
        latency.percentile_us(0.5) / 1000,
        latency.percentile_us(0.99) / 1000,
        static_cast<double>(latency.count()) / measured_s,
        commands.per_second(),
        commands.latency.percentile_us(0.5),
        commands.latency.percentile_us(0.99)
    );
    return EXIT_SUCCESS;
}

}  // namespace

}  // namespace teamflow::bench

int main(int count, char** arguments) {
    return teamflow::bench::run(count, arguments);
}
