#pragma once
// Deletes what has expired from the tables that hold no events, and what history says to be erased.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::app {

/// Refresh tokens, tickets, and credentials of registrations that never went further; and whatever
/// an erasure left that was cut short, or came back by a restored backup. Runs in every
/// gateway on one executor: a row is gone after the first. Keys of idempotent commands lie with
/// their events and never expire.
class sweeper {
public:
    /// All must outlive this.
    sweeper(
        boost::asio::any_io_executor executor,
        infra::postgres::pool& database,
        const infra::clock& time,
        infra::random_source& random
    );

    /// Sweeps at once and then at every interval. Returns after stop(); once.
    infra::task<> run(std::chrono::milliseconds interval);

    /// An erasure was heard of: looks soon whether it left anything. From any thread.
    void look_soon();

    /// From any thread.
    void stop();

    /// Rows deleted since the start; any thread.
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

private:
    infra::task<> sweep();

    infra::postgres::pool& database_;
    const infra::clock& time_;
    infra::random_source& random_;
    std::shared_ptr<infra::wakeup> stopped_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> is_soon_ = false;
    std::atomic<std::uint64_t> rows_ = 0;
};

}  // namespace teamflow::app
