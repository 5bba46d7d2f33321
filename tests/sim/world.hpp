#pragma once
// The simulated world: one time, one source of chance, what is to happen when, and the trace.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/fault_rates.hpp"
#include "tests/support/dice.hpp"

namespace teamflow::sim {

using instant = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// What the simulator finds: the run ends at the first one.
class violation : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Everything outside of the nodes happens as actions of the world, one after the other.
class world {
public:
    using action = std::move_only_function<void()>;

    /// `print`: every note goes to standard output, too.
    world(std::uint64_t seed, bool print);
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    [[nodiscard]] instant now() const { return now_; }

    void after(duration delay, action what);

    /// When the next action is due.
    [[nodiscard]] std::optional<instant> next() const;

    /// Moves the time on and runs what is due, in order.
    void run_until(instant moment);

    /// A delay of a packet under the run's rates; very short once the world is calm.
    duration packet_delay();

    /// From 0 to `max`, in microseconds.
    duration random_duration(duration max);

    /// An interval around a mean of `mean`.
    duration random_interval(milliseconds mean);

    /// Whether one of the faults of `percent` strikes now.
    bool strikes(std::size_t percent) { return !calm_ && chance.percent(percent); }

    /// No more faults from now on.
    void calm_down() { calm_ = true; }

    [[nodiscard]] bool is_calm() const { return calm_; }

    /// Something observable happened: part of the run's hash.
    template <class... Args>
    void note(fmt::format_string<Args...> what, Args&&... args) {
        line_.clear();
        fmt::format_to(std::back_inserter(line_), what, std::forward<Args>(args)...);
        take_note();
    }

    [[nodiscard]] std::uint64_t hash() const { return hash_; }

    tests::dice chance;
    fault_rates rates;

private:
    void take_note();

    bool print_;
    bool calm_ = false;
    instant now_;
    std::uint64_t last_action_ = 0;
    std::map<std::pair<instant, std::uint64_t>, action> actions_;
    std::uint64_t hash_;
    fmt::memory_buffer line_;
};

}  // namespace teamflow::sim
