#include "tests/sim/world.hpp"

#include <algorithm>

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr instant beginning{24h};
constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325ULL;
constexpr std::uint64_t fnv_prime = 0x100000001b3ULL;

}  // namespace

world::world(std::uint64_t seed, bool print)
    : chance(seed),
      rates(fault_rates::draw(chance)),
      print_(print),
      now_(beginning),
      hash_(fnv_offset) {}

void world::after(duration delay, action what) {
    actions_.emplace(std::pair(now_ + delay, ++last_action_), std::move(what));
}

std::optional<instant> world::next() const {
    return actions_.empty() ? std::nullopt : std::optional(actions_.begin()->first.first);
}

void world::run_until(instant moment) {
    while (!actions_.empty() && actions_.begin()->first.first <= moment) {
        now_ = std::max(now_, actions_.begin()->first.first);
        auto what = std::move(actions_.begin()->second);
        actions_.erase(actions_.begin());
        what();
    }
    now_ = std::max(now_, moment);
}

duration world::packet_delay() {
    return calm_ ? random_duration(2ms) : 100us + random_duration(rates.delay_max);
}

duration world::random_duration(duration max) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(max).count();
    return std::chrono::microseconds(chance.roll(static_cast<std::size_t>(micros) + 1));
}

duration world::random_interval(milliseconds mean) {
    return mean / 4 + random_duration(mean * 3 / 2);
}

void world::take_note() {
    for (const char letter : line_) {
        hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * fnv_prime;
    }
    const auto moment =
        std::chrono::duration_cast<std::chrono::microseconds>(now_ - beginning).count();
    hash_ = (hash_ ^ static_cast<std::uint64_t>(moment)) * fnv_prime;
    if (print_) {
        fmt::print("{:>10.3f} ms  {}\n", static_cast<double>(moment) / 1000, fmt::to_string(line_));
    }
}

}  // namespace teamflow::sim
