#pragma once
// A thread beside the projectors, for work that blocks and may last for hours.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Runs one function that looks again and again for something to do. To be stopped before anything
/// goes that the function uses. From any thread.
class worker {
public:
    /// For sessions at `postgres_url`.
    explicit worker(const std::string& postgres_url);

    /// As stop() without patience.
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// Once. `work` is to return soon after is_stopping().
    void start(std::function<void()> work);

    /// Of this process and start: whoever holds something by it is told from a predecessor.
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Where the database is, until this is stopped.
    [[nodiscard]] const infra::postgres::endpoint& database() const { return database_; }

    [[nodiscard]] bool is_stopping() const { return stopping_.stop_requested(); }

    /// Waits for so long, or until it is to stop.
    void pause(std::chrono::milliseconds length);

    /// Returns at once.
    void ask_to_stop();

    /// Waits for the end of the work: for `patience` as it comes, then with its sessions cut, so
    /// that a database that says nothing holds up nobody. Blocking. Harmless when stopped.
    void stop(std::chrono::milliseconds patience);

private:
    std::string name_;
    std::stop_source stopping_;
    std::stop_source giving_up_;
    infra::postgres::endpoint database_;
    std::mutex mutex_;
    std::condition_variable_any told_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace teamflow::projections
