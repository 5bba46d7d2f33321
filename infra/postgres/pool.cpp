#include "infra/postgres/pool.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace teamflow::infra::postgres {

/// Shared with the coroutines that keep connections open, which may end after the pool.
struct pool::shared {
    shared(asio::any_io_executor on, std::string to, pool_options how)
        : executor(std::move(on)),
          url(std::move(to)),
          options(std::move(how)),
          connections(options.size) {}

    /// nullptr if none is open.
    [[nodiscard]] std::shared_ptr<connection> least_loaded() const {
        const std::shared_ptr<connection>* best = nullptr;
        for (const auto& each : connections) {
            if (each && each->is_open() && (best == nullptr || each->load() < (*best)->load())) {
                best = &each;
            }
        }
        return best == nullptr ? nullptr : *best;
    }

    void wake_waiting() {
        for (asio::steady_timer* each : waiting) {
            each->cancel();
        }
    }

    asio::any_io_executor executor;
    std::string url;
    pool_options options;
    pool_counters counters;
    std::vector<std::shared_ptr<connection>> connections;
    std::list<asio::steady_timer*> waiting;
    std::list<asio::steady_timer*> backing_off;
    std::string last_failure = "not tried yet";
    bool closed = false;
};

namespace {

/// Puts a timer where others can cancel it, for as long as this lives.
class listed_timer {
public:
    listed_timer(std::list<asio::steady_timer*>& list, asio::steady_timer& timer) : list_(list) {
        place_ = list_.insert(list_.end(), &timer);
    }

    ~listed_timer() { list_.erase(place_); }

    listed_timer(const listed_timer&) = delete;
    listed_timer& operator=(const listed_timer&) = delete;

private:
    std::list<asio::steady_timer*>& list_;
    std::list<asio::steady_timer*>::iterator place_;
};

/// Counts a call from here to its end; as an error unless it says `done`.
class counted_call {
public:
    explicit counted_call(pool_counters& counters) : counters_(counters) {
        counters_.in_flight.fetch_add(1, std::memory_order_relaxed);
        counters_.calls.fetch_add(1, std::memory_order_relaxed);
    }

    ~counted_call() {
        counters_.in_flight.fetch_sub(1, std::memory_order_relaxed);
        if (!done_) {
            counters_.errors.fetch_add(1, std::memory_order_relaxed);
        }
    }

    counted_call(const counted_call&) = delete;
    counted_call& operator=(const counted_call&) = delete;

    void done() { done_ = true; }

private:
    pool_counters& counters_;
    bool done_ = false;
};

}  // namespace

pool::pool(asio::any_io_executor executor, std::string url, pool_options options)
    : shared_(std::make_shared<shared>(std::move(executor), std::move(url), std::move(options))) {
    for (std::size_t i = 0; i < shared_->options.size; ++i) {
        asio::co_spawn(shared_->executor, keep_open(shared_, i), asio::detached);
    }
}

pool::~pool() {
    close();
}

void pool::close() {
    shared_->closed = true;
    for (const auto& each : shared_->connections) {
        if (each) {
            each->close();
        }
    }
    for (asio::steady_timer* each : shared_->backing_off) {
        each->cancel();
    }
    shared_->wake_waiting();
}

const pool_counters& pool::counters() const {
    return shared_->counters;
}

task<void> pool::keep_open(std::shared_ptr<shared> state, std::size_t index) {
    auto wait = state->options.back_off_min;
    asio::steady_timer timer(state->executor);
    while (!state->closed) {
        std::shared_ptr<connection> opened;
        try {
            opened =
                co_await connection::open(state->executor, state->url, state->options.connection);
        } catch (const postgres_error& failure) {
            state->last_failure = failure.what();
            state->counters.connect_failures.fetch_add(1, std::memory_order_relaxed);
        }
        if (opened && !state->closed) {
            wait = state->options.back_off_min;
            state->connections[index] = opened;
            state->counters.connects.fetch_add(1, std::memory_order_relaxed);
            state->counters.connections_open.fetch_add(1, std::memory_order_relaxed);
            state->wake_waiting();
            co_await opened->wait_closed();
            state->last_failure = opened->close_reason();
            state->counters.connections_open.fetch_sub(1, std::memory_order_relaxed);
            state->connections[index] = nullptr;
        }
        if (!state->closed) {
            const listed_timer listed(state->backing_off, timer);
            boost::system::error_code ignored;
            timer.expires_after(wait);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            wait = std::min(wait * 2, state->options.back_off_max);
        }
    }
}

task<std::shared_ptr<connection>> pool::acquire() {
    const auto state = shared_;
    const auto deadline = std::chrono::steady_clock::now() + state->options.acquire_limit;
    asio::steady_timer timer(state->executor);
    auto found = state->least_loaded();
    while (!found) {
        if (state->closed) {
            throw postgres_unavailable("the pool is closed");
        }
        if (std::chrono::steady_clock::now() >= deadline ||
            state->waiting.size() >= state->options.waiting_max) {
            throw postgres_unavailable(
                fmt::format("no connection is open; last failure: {}", state->last_failure)
            );
        }
        const listed_timer listed(state->waiting, timer);
        boost::system::error_code ignored;
        timer.expires_at(deadline);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        found = state->least_loaded();
    }
    co_return found;
}

task<result> pool::query(statement what, params with) {
    const auto state = shared_;
    counted_call counted(state->counters);
    auto chosen = state->least_loaded();
    if (!chosen) {
        chosen = co_await acquire();
    }
    auto answer = co_await chosen->query(what, std::move(with));
    counted.done();
    co_return answer;
}

task<std::vector<result>> pool::atomically(std::vector<call> calls) {
    const auto state = shared_;
    counted_call counted(state->counters);
    auto chosen = state->least_loaded();
    if (!chosen) {
        chosen = co_await acquire();
    }
    auto answers = co_await chosen->atomically(std::move(calls));
    counted.done();
    co_return answers;
}

}  // namespace teamflow::infra::postgres
