#pragma once
// The I/O threads of a process: each runs one io_context, so that what lives on it needs no lock.

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "infra/asio.hpp"

namespace teamflow::infra {

class io_threads {
public:
    /// Makes `count` contexts (at least one); threads begin with start(). `name` (at most 15 bytes)
    /// is what the system shows for the threads; `niceness` makes way for others (setpriority(2)).
    explicit io_threads(std::size_t count, std::string name = "io", int niceness = 0);

    /// Stops and joins.
    ~io_threads();
    io_threads(const io_threads&) = delete;
    io_threads& operator=(const io_threads&) = delete;

    [[nodiscard]] std::size_t size() const { return contexts_.size(); }

    /// The context of thread `index` modulo their number: the way to spread things evenly.
    [[nodiscard]] asio::io_context& at(std::size_t index) {
        return contexts_[index % contexts_.size()];
    }

    /// Of every thread, in order.
    [[nodiscard]] std::vector<asio::any_io_executor> executors();

    void start();

    /// Ends the threads once they return to their contexts; what still waits there is dropped.
    void stop();

private:
    using guard = asio::executor_work_guard<asio::io_context::executor_type>;

    std::string name_;
    int niceness_;
    std::deque<asio::io_context> contexts_;
    std::vector<guard> guards_;
    std::vector<std::jthread> threads_;
};

/// Runs `work` on `where` and resumes the caller on its own executor.
template <class T>
task<T> run_on(asio::any_io_executor where, task<T> work) {
    co_return co_await asio::co_spawn(std::move(where), std::move(work), asio::use_awaitable);
}

}  // namespace teamflow::infra
