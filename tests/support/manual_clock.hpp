#pragma once
// A clock that stands still until a test moves it, and random bytes that a seed repeats.

#include <atomic>
#include <cstdint>
#include <random>
#include <span>

#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"

namespace teamflow::tests {

class manual_clock final : public infra::clock {
public:
    explicit manual_clock(events::timestamp start) : now_(start) {}

    [[nodiscard]] events::timestamp now() const override { return now_; }

    void set(events::timestamp now) { now_ = now; }

    void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

private:
    std::atomic<events::timestamp> now_;
};

/// Not for more than one thread.
class seeded_random final : public infra::random_source {
public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}

    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) {
            byte = static_cast<std::uint8_t>(engine_());
        }
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace teamflow::tests
