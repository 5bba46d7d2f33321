#pragma once
// Waiting for the signals that end a process in good order.

#include <atomic>
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

/// For a command that works on one thread and ends early in good order: SIGTERM and SIGINT break
/// off what that thread waits for in the system, and is_asked() tells. Construct it there, once,
/// and call `leave_to_others` first in every other thread. SIGPIPE is ignored: a reader that is
/// gone is an error of the write.
class interruption {
public:
    interruption() {
        std::signal(SIGPIPE, SIG_IGN);
        struct sigaction action{};
        action.sa_handler = [](int) { asked_ = true; };
        sigaction(SIGTERM, &action, nullptr);
        sigaction(SIGINT, &action, nullptr);
    }

    [[nodiscard]] static bool is_asked() { return asked_; }

    static void leave_to_others() {
        sigset_t both{};
        sigemptyset(&both);
        sigaddset(&both, SIGTERM);
        sigaddset(&both, SIGINT);
        pthread_sigmask(SIG_BLOCK, &both, nullptr);
    }

private:
    /// Set by the handler, looked at by any thread.
    static inline std::atomic<bool> asked_ = false;
    static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace teamflow::app
