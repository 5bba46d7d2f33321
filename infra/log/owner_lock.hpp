#pragma once
// Which of several processes is to do some work: the one that holds a lock in PostgreSQL.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "infra/postgres/connection.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::infra {

/// Seeks a session advisory lock until it has it, and again when its connection is lost. A process
/// whose machine or link is gone loses it within 6 s; one that is frozen keeps it. It keeps
/// gateways from taking partitions from each other all the time, and projectors from doing the same
/// work; what keeps a second one from writing is the claim in the log or the checkpoint, and
/// nothing else (architecture.md, R8). Its work runs on one executor.
class owner_lock : public std::enable_shared_from_this<owner_lock> {
public:
    struct options {
        /// One word for what is locked, and what others tell of the holder. Together with the
        /// address in the name of the session: PostgreSQL cuts names at 63 bytes.
        std::string what;
        std::string address;
        /// Called on the executor each time the lock was got; must not throw.
        std::function<void()> acquired;
        /// Called on the executor when somebody else was first found to hold the lock, and each
        /// time it was lost; must not throw.
        std::function<void()> elsewhere;
    };

    owner_lock(asio::any_io_executor executor, std::string url, options how);

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
    [[nodiscard]] std::string session_prefix() const;

    asio::any_io_executor executor_;
    std::string url_;
    options options_;
    std::shared_ptr<wakeup> stopping_;
    std::shared_ptr<postgres::connection> database_;
    std::atomic<bool> stopped_ = false;
    std::atomic<bool> held_ = false;
    mutable std::mutex mutex_;
    std::string other_holder_;
};

}  // namespace teamflow::infra
