#pragma once
// A lean HTTP/1.1 load generator: keep-alive connections on a few epoll threads.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace teamflow::bench {

/// Latencies in nanoseconds, each bucket at most 1.6 % wide.
class histogram {
public:
    void add(std::chrono::nanoseconds latency);
    void add(const histogram& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// The latency that `share` (0 to 1) of the requests did not exceed, in microseconds.
    [[nodiscard]] double percentile_us(double share) const;

private:
    static constexpr unsigned sub_bits = 6;
    std::array<std::uint64_t, 64U << sub_bits> buckets_{};
    std::uint64_t count_ = 0;
};

struct load_options {
    std::uint16_t port = 0;
    unsigned connections = 64;
    unsigned threads = 2;
    std::chrono::milliseconds warm_up{1000};
    std::chrono::milliseconds measured{5000};
    /// Requests a second over all connections, evenly spread; 0 is as fast as answers come. A
    /// connection whose answer is late sends its next request at once.
    double rate = 0;
};

/// Appends the next request of a connection to `out`. Called on the threads of the generator, for
/// one connection always on the same; `sequence` counts from 0 on each connection.
using request_factory =
    std::function<void(std::string& out, unsigned connection, std::uint64_t sequence)>;

/// Sees each answer of the measured time. May be empty.
using answer_observer =
    std::function<void(unsigned connection, unsigned status, std::string_view body)>;

struct load_result {
    /// Answered within the measured time.
    std::uint64_t requests = 0;
    std::map<unsigned, std::uint64_t> by_status;
    /// Connections that broke.
    unsigned broken = 0;
    std::chrono::duration<double> elapsed{};
    histogram latency;

    [[nodiscard]] double per_second() const {
        return static_cast<double>(requests) / elapsed.count();
    }

    /// Answers of status 200 to 299.
    [[nodiscard]] std::uint64_t succeeded() const;
};

/// One request in flight on each connection to 127.0.0.1. Answers must have a Content-Length, or no
/// body. Throws std::system_error when it cannot connect.
load_result run_load(
    const load_options& options, const request_factory& make, const answer_observer& see = {}
);

}  // namespace teamflow::bench
