#pragma once
// Which of several gateways owns the partitions: the one that holds a lock in PostgreSQL.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "infra/postgres/connection.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::infra {

/// Seeks a session advisory lock until it has it, and again when its connection is lost. It keeps
/// gateways from taking partitions from each other all the time; what keeps a second one from
/// writing is the claim in the log and nothing else (architecture.md, R8), so losing the lock
/// changes nothing until another gateway claims. Its work runs on one executor.
class owner_lock : public std::enable_shared_from_this<owner_lock> {
public:
    /// `address` is what other gateways tell of the holder. `acquired` is called each time the lock
    /// was got and `lost` each time it was lost, on the executor; they must not throw.
    owner_lock(
        asio::any_io_executor executor,
        std::string url,
        const std::string& address,
        std::function<void()> acquired,
        std::function<void()> lost
    );

    /// Begins to seek the lock. Once, from any thread.
    void start();

    /// Gives the lock up. From any thread; harmless when stopped.
    void stop();

    [[nodiscard]] bool is_held() const { return held_.load(); }

    /// Who holds it instead, as far as is known; empty while nobody else is known to. From any
    /// thread.
    [[nodiscard]] std::string other_holder() const;

private:
    using self_ptr = std::shared_ptr<owner_lock>;

    static task<> seek(self_ptr self);
    task<> try_once(std::shared_ptr<postgres::connection> database);
    void set_other_holder(std::string name);

    asio::any_io_executor executor_;
    std::string url_;
    std::string name_;
    std::function<void()> acquired_;
    std::function<void()> lost_;
    std::shared_ptr<wakeup> stopping_;
    std::shared_ptr<postgres::connection> database_;
    std::atomic<bool> stopped_ = false;
    std::atomic<bool> held_ = false;
    mutable std::mutex mutex_;
    std::string other_holder_;
};

}  // namespace teamflow::infra
