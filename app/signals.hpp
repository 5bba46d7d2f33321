#pragma once
// Waiting for the signals that end a process in good order.

#include <chrono>
#include <csignal>

namespace teamflow::app {

/// Construct it before any thread starts: SIGTERM and SIGINT are then blocked in all of them and
/// wait() receives them. SIGPIPE is ignored: a peer that is gone is an error of that connection.
class termination {
public:
    termination() {
        std::signal(SIGPIPE, SIG_IGN);
        sigemptyset(&awaited_);
        sigaddset(&awaited_, SIGTERM);
        sigaddset(&awaited_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
    }

    /// Returns when one of them has come.
    void wait() const {
        int received = 0;
        sigwait(&awaited_, &received);
    }

    /// True when one of them has come, false when none does within `limit`.
    [[nodiscard]] bool wait_for(std::chrono::seconds limit) const {
        const timespec time{.tv_sec = limit.count(), .tv_nsec = 0};
        return sigtimedwait(&awaited_, nullptr, &time) > 0;
    }

private:
    sigset_t awaited_{};
};

}  // namespace teamflow::app
