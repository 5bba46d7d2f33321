#pragma once
// A fixed number of connections on one thread, opened and opened again in the background.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "infra/asio.hpp"
#include "infra/postgres/connection.hpp"

namespace teamflow::infra::postgres {

struct pool_options {
    connection_options connection;
    std::size_t size = 2;
    /// How long a caller waits while no connection is open.
    std::chrono::milliseconds acquire_limit{5000};
    /// Callers that wait for one; the next fails at once.
    std::size_t waiting_max = 10'000;
    /// Wait before a failed connection is tried again; doubles up to the maximum.
    std::chrono::milliseconds back_off_min{50};
    std::chrono::milliseconds back_off_max{2000};
};

/// May be read from any thread, for metrics.
struct pool_counters {
    std::atomic<std::int64_t> in_flight = 0;
    std::atomic<std::int64_t> connections_open = 0;
    std::atomic<std::uint64_t> connects = 0;
    std::atomic<std::uint64_t> connect_failures = 0;
    std::atomic<std::uint64_t> calls = 0;
    std::atomic<std::uint64_t> errors = 0;
};

/// Everything but `counters` must be used on the thread of the executor; it may be constructed
/// anywhere. The destructor closes; the pool must outlive the calls on it.
class pool {
public:
    /// Begins to connect once the executor runs.
    pool(asio::any_io_executor executor, std::string url, pool_options options = {});
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    /// The open connection with the least load. Errors: postgres_unavailable after the time limit.
    [[nodiscard]] task<std::shared_ptr<connection>> acquire();

    /// As connection::query, on the connection with the least load.
    [[nodiscard]] task<result> query(statement what, params with = {});

    /// As connection::atomically, on the connection with the least load.
    [[nodiscard]] task<std::vector<result>> atomically(std::vector<call> calls);

    /// Closes all connections for good. Harmless when closed.
    void close();

    [[nodiscard]] const pool_counters& counters() const;

private:
    struct shared;

    static task<void> keep_open(std::shared_ptr<shared> state, std::size_t index);

    std::shared_ptr<shared> shared_;
};

}  // namespace teamflow::infra::postgres
