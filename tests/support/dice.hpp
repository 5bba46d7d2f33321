#pragma once
// Deterministic choices from one seed (SplitMix64), the same on every machine.

#include <cstddef>
#include <cstdint>

namespace teamflow::tests {

class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    /// 0 to sides - 1.
    std::size_t roll(std::size_t sides) { return number() % sides; }

    bool one_in(std::size_t sides) { return roll(sides) == 0; }

    /// True in so many of a hundred throws.
    bool percent(std::size_t chance) { return roll(100) < chance; }

    std::uint64_t number() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
        return mixed ^ (mixed >> 31U);
    }

private:
    std::uint64_t state_;
};

}  // namespace teamflow::tests
