#pragma once
// Ends the process when its orderly stop takes too long.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace teamflow::app {

/// Closing a client of a dependency that hangs can block for ever (confluentinc/librdkafka issue
/// 4519), and nothing that is kept depends on a good end. From arm() until destruction; only the
/// main thread may use it.
class stop_watchdog {
public:
    stop_watchdog() = default;
    ~stop_watchdog();
    stop_watchdog(const stop_watchdog&) = delete;
    stop_watchdog& operator=(const stop_watchdog&) = delete;

    /// Exits with code 1, at once and whatever runs, when `limit` has passed.
    void arm(std::chrono::milliseconds limit);

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace teamflow::app
