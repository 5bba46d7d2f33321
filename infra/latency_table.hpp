#pragma once
// Latencies of many kinds of work, told apart by a text and a number: route and status, command
// and outcome.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "infra/histogram.hpp"

namespace teamflow::infra {

/// Thread-safe. Known kinds are found without a lock; a new one takes it once. Bounded: what comes
/// beyond shares the entry `other`.
class latency_table {
public:
    struct entry {
        std::string name;
        std::uint32_t kind = 0;
        latency_histogram latencies;
    };

    latency_table();
    latency_table(const latency_table&) = delete;
    latency_table& operator=(const latency_table&) = delete;

    void observe(
        std::string_view name, std::uint32_t kind, std::chrono::steady_clock::duration took
    );

    /// Calls `visit` for every kind seen so far, in the order of their first appearance.
    void for_each(const std::function<void(const entry&)>& visit) const;

private:
    static constexpr std::size_t slots = 2048;
    static constexpr std::size_t kinds_max = 1024;

    entry& find_or_add(std::string_view name, std::uint32_t kind);
    entry& add(std::string_view name, std::uint32_t kind, std::size_t from);

    std::array<std::atomic<entry*>, slots> slots_{};
    mutable std::mutex mutex_;
    /// The first is `other`.
    std::deque<entry> entries_;
};

}  // namespace teamflow::infra
