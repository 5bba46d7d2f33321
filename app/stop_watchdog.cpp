#include "app/stop_watchdog.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace teamflow::app {

stop_watchdog::~stop_watchdog() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void stop_watchdog::arm(std::chrono::milliseconds limit) {
    thread_ = std::thread([this, limit] {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, limit, [this] { return is_over_; })) {
            spdlog::critical("the stop takes longer than {} ms; ending at once", limit.count());
            spdlog::default_logger()->flush();
            _exit(1);
        }
    });
}

}  // namespace teamflow::app
