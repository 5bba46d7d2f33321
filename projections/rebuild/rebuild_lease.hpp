#pragma once
// Keeps a rebuild in the hands of this process, tells how it goes and hears what admins wish.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "projections/rebuild/rebuild_order.hpp"

namespace teamflow::projections {

/// A thread with a connection of its own from here to the end. Everything may be called from any
/// thread.
class rebuild_lease {
public:
    /// `on_change` is called on that thread when the rebuild is paused, resumed or to be aborted,
    /// and with true when it is lost.
    rebuild_lease(
        infra::postgres::endpoint at, rebuild_order order, std::function<void(bool)> on_change
    );
    ~rebuild_lease();
    rebuild_lease(const rebuild_lease&) = delete;
    rebuild_lease& operator=(const rebuild_lease&) = delete;

    [[nodiscard]] rebuild_wish wish() const { return wish_; }

    /// Another process has it, or nothing was heard of the database for the length of the lease.
    [[nodiscard]] bool is_lost() const { return lost_; }

    /// Counts offsets of the log, of whatever type, towards the rate that is told.
    void count(std::int64_t offsets) { offsets_ += offsets; }

    void set_throttled(bool throttled) { throttled_ = throttled; }

private:
    void run();
    void renew(infra::postgres::session& database, double events_per_second);

    infra::postgres::endpoint at_;
    rebuild_order order_;
    std::function<void(bool)> on_change_;
    std::atomic<rebuild_wish> wish_;
    std::atomic<bool> lost_ = false;
    std::atomic<bool> throttled_ = false;
    std::atomic<std::int64_t> offsets_ = 0;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace teamflow::projections
