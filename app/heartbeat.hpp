#pragma once
// Tells the database every second that this process lives and what it works on.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/crypto/random.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::app {

/// One row of teamflow.nodes. Operators read it (`GET /admin/nodes`); nothing depends on it. Runs
/// on one executor.
class heartbeat {
public:
    struct self {
        /// Where other nodes reach this process; empty without the gateway role.
        std::string address;
        std::vector<std::string> roles;
        /// From any thread.
        std::function<std::vector<events::partition_id>()> partitions;
        std::function<std::vector<std::string>()> projections;
        std::function<std::vector<events::partition_id>()> projected_partitions;
    };

    heartbeat(
        boost::asio::any_io_executor executor,
        const std::string& postgres_url,
        infra::random_source& random,
        self what
    );

    /// Beats until stop(), then takes the row away. Once.
    infra::task<> run();

    /// From any thread.
    void stop();

private:
    infra::task<> beat();
    infra::task<> leave();

    self what_;
    events::uuid id_{};
    std::string host_;
    infra::postgres::pool database_;
    std::shared_ptr<infra::wakeup> stopped_;
    std::atomic<bool> stopping_ = false;
};

}  // namespace teamflow::app
