#pragma once
// The clock of the write side, feeds and tokens as an interface, so that tests run in virtual time.

#include <chrono>

#include "events/time.hpp"

namespace teamflow::infra {

/// Tells the time. Implementations may be called from any thread.
class clock {
public:
    clock() = default;
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    virtual ~clock() = default;

    /// The current UTC time. It may step back when the machine's clock is corrected.
    [[nodiscard]] virtual events::timestamp now() const = 0;
};

/// The machine's clock.
class system_clock final : public clock {
public:
    [[nodiscard]] events::timestamp now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace teamflow::infra
