#pragma once
// Looks every second whether partitions and read models are well, for operators to read.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/wakeup.hpp"
#include "query/observer.hpp"

namespace teamflow::gateway {

/// Looks on one executor; is read from any thread.
class cluster_watch {
public:
    /// All must outlive this.
    cluster_watch(
        infra::asio::any_io_executor executor,
        infra::postgres::pool& database,
        const infra::log_tail& tail,
        const infra::clock& time
    );

    /// Looks until stop(); once.
    infra::task<> run();

    /// From any thread.
    void stop();

    /// As of the last look: partitions in order, then read models by name. Empty before the first.
    [[nodiscard]] std::vector<query::follower_health> healths() const;

private:
    infra::task<> look();

    infra::postgres::pool& database_;
    const infra::log_tail& tail_;
    const infra::clock& time_;
    query::observer judge_;
    std::shared_ptr<infra::wakeup> stopped_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::vector<query::follower_health> seen_;
};

}  // namespace teamflow::gateway
