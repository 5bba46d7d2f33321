#pragma once
// One thread for calls that block, so that coroutines on I/O threads can wait for them.

#include <atomic>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "infra/asio.hpp"
#include "infra/log/event_log.hpp"

namespace teamflow::infra::kafka {

/// Work is done in the order in which it came. All of it must be over, by stop(), before this goes.
class blocking_thread {
public:
    /// Runs `work` there and returns on the executor of the caller. Throws what it throws, and
    /// log_unavailable once stop() was called. From any thread.
    template <class T>
    task<T> run(task<T> work) {
        // What came before stop() looks is waited for; whoever comes later sees that it was called.
        auto kept = asio::make_work_guard(pool_);
        if (stopped_) {
            throw log_unavailable("the log is being stopped");
        }
        auto whole = finish(std::move(work), std::move(kept));
        co_return co_await asio::co_spawn(pool_, std::move(whole), asio::use_awaitable);
    }

    /// Blocks until all work that was begun is done; it is not cut short by this. Once.
    void stop() {
        stopped_ = true;
        pool_.join();
    }

private:
    using guard = asio::executor_work_guard<asio::thread_pool::executor_type>;

    template <class T>
    static task<T> finish(task<T> work, guard /*until_done*/) {
        co_return co_await std::move(work);
    }

    asio::thread_pool pool_{1};
    std::atomic<bool> stopped_ = false;
};

}  // namespace teamflow::infra::kafka
