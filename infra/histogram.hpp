#pragma once
// Counts of values by their size, for metrics: written from any thread, without a lock.

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace teamflow::infra {

/// Buckets by powers of two: the first holds values up to 2^First, the next up to 2^(First + 1),
/// and one more behind 2^Last all others. Any thread; a reader may see a value counted that is not
/// in the sum yet.
template <int First, int Last>
class power_histogram {
public:
    static constexpr int first_power = First;
    static constexpr std::size_t buckets = Last - First + 2;

    void observe(std::uint64_t value) {
        const auto power = static_cast<int>(std::bit_width(value == 0 ? 0 : value - 1));
        const int bucket = power < First ? 0 : (power > Last ? Last + 1 : power) - First;
        counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t count(std::size_t bucket) const {
        return counts_[bucket].load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, buckets> counts_{};
    std::atomic<std::uint64_t> sum_ = 0;
};

/// Microseconds, from 64 us to 8 s.
class latency_histogram : public power_histogram<6, 23> {
public:
    void observe(std::chrono::steady_clock::duration took) {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        power_histogram::observe(us < 0 ? 0 : static_cast<std::uint64_t>(us));
    }
};

/// Numbers of things, from 1 to 4096.
using size_histogram = power_histogram<0, 12>;

}  // namespace teamflow::infra
