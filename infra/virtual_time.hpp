#pragma once
// Time that a simulation drives instead of the machine: a clock, and timers that wait for it. Only
// in test builds, and there only on a thread that is inside virtual_time::scope.

#ifdef TEAMFLOW_FAILPOINTS

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "infra/asio.hpp"

namespace teamflow::infra {

/// The time of one simulated machine. Stands still until advance(). Not thread-safe. Every timer
/// made under it must end before it does.
class virtual_time {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    explicit virtual_time(time_point start) : now_(start) {}

    virtual_time(const virtual_time&) = delete;
    virtual_time& operator=(const virtual_time&) = delete;
    ~virtual_time() = default;

    [[nodiscard]] time_point now() const { return now_; }

    /// When the earliest timer expires; nullopt while none waits for a moment that comes.
    [[nodiscard]] std::optional<time_point> next() const;

    /// Moves on (never back) and posts what expires by then to its executor, in order of expiry.
    void advance(time_point to);

    /// The time that this thread is under; nullptr: the machine's.
    [[nodiscard]] static virtual_time* current();

    /// While it lives, what runs on this thread is under `time`.
    class scope {
    public:
        explicit scope(virtual_time& time);
        ~scope();
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

    private:
        virtual_time* before_;
    };

private:
    friend class virtual_steady_timer;

    using resumption = std::move_only_function<void(boost::system::error_code)>;
    using place = std::pair<time_point, std::uint64_t>;

    place wait(time_point until, resumption resume);
    std::optional<resumption> take(const place& at);

    time_point now_;
    std::uint64_t last_wait_ = 0;
    std::map<place, resumption> waits_;
};

/// std::chrono::steady_clock, or the virtual time that the thread is under.
struct virtual_steady_clock {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr bool is_steady = true;

    static time_point now() {
        const auto* time = virtual_time::current();
        return time == nullptr ? std::chrono::steady_clock::now() : time->now();
    }
};

/// boost::asio::steady_timer as far as this project uses it; under virtual time it waits for that.
class virtual_steady_timer {
public:
    using clock_type = virtual_steady_clock;
    using duration = clock_type::duration;
    using time_point = clock_type::time_point;

    explicit virtual_steady_timer(asio::any_io_executor executor);
    virtual_steady_timer(asio::any_io_executor executor, time_point expiry);
    virtual_steady_timer(asio::any_io_executor executor, duration after);
    ~virtual_steady_timer();
    virtual_steady_timer(const virtual_steady_timer&) = delete;
    virtual_steady_timer& operator=(const virtual_steady_timer&) = delete;

    [[nodiscard]] asio::any_io_executor get_executor() const { return executor_; }

    std::size_t expires_at(time_point expiry);

    std::size_t expires_after(duration after) { return expires_at(clock_type::now() + after); }

    std::size_t cancel();

    template <class Token>
    auto async_wait(Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto handler) { this->start(std::move(handler)); }, token
        );
    }

private:
    template <class Handler>
    void start(Handler handler) {
        if (real_) {
            real_->async_wait(std::move(handler));
            return;
        }
        auto executor = asio::get_associated_executor(handler, executor_);
        auto slot = asio::get_associated_cancellation_slot(handler);
        const auto at =
            wait([executor,
                  handler = std::move(handler)](boost::system::error_code outcome) mutable {
                asio::post(executor, [outcome, handler = std::move(handler)] mutable {
                    std::move(handler)(outcome);
                });
            });
        if (slot.is_connected()) {
            slot.assign([time = time_, at](asio::cancellation_type /*how*/) {
                if (auto resume = time->take(at)) {
                    (*resume)(asio::error::operation_aborted);
                }
            });
        }
    }

    virtual_time::place wait(virtual_time::resumption resume);

    asio::any_io_executor executor_;
    virtual_time* time_;
    std::optional<asio::steady_timer> real_;
    time_point expiry_{};
    std::vector<virtual_time::place> waits_;
};

}  // namespace teamflow::infra

#endif
