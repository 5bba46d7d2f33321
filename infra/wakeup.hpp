#pragma once
// A condition to wait for on one executor, signalled from any thread.

#include <atomic>
#include <chrono>
#include <memory>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "infra/asio.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::infra {

/// One waiter, any number of signallers. A signal before the wait is not lost; several signals
/// before one wait are one. Held by shared_ptr because a signal may still be under way at the end.
class wakeup : public std::enable_shared_from_this<wakeup> {
public:
    explicit wakeup(asio::any_io_executor executor) : timer_(executor) {}

    /// Thread-safe and cheap when already signalled.
    void signal() {
        if (!signalled_.exchange(true)) {
            asio::post(timer_.get_executor(), [self = shared_from_this()] {
                self->timer_.cancel();
            });
        }
    }

    /// Returns true when signalled, false when `limit` passed first.
    task<bool> wait(std::chrono::steady_clock::duration limit) {
        if (!signalled_.load()) {
            timer_.expires_after(limit);
            boost::system::error_code cancelled;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        co_return signalled_.exchange(false);
    }

private:
    steady_timer timer_;
    std::atomic<bool> signalled_ = false;
};

}  // namespace teamflow::infra
