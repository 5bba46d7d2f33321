#pragma once
// Unpredictable bytes, and identifiers made of them, behind an interface that a simulator can seed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "events/ids.hpp"
#include "infra/clock.hpp"

namespace teamflow::infra {

/// A source of bytes fit for keys and tokens.
class random_source {
public:
    random_source() = default;
    random_source(const random_source&) = delete;
    random_source& operator=(const random_source&) = delete;
    virtual ~random_source() = default;

    /// Fills `out`. The system implementation may be called from any thread.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    /// `size` bytes as a string.
    std::string bytes(std::size_t size);
};

/// The kernel's generator (getrandom, through libsodium).
class system_random final : public random_source {
public:
    /// Throws std::runtime_error when libsodium cannot start.
    system_random();
    void fill(std::span<std::uint8_t> out) override;
};

/// Makes UUIDv7 that grow strictly within one instance, also within a millisecond and when the
/// clock steps back (RFC 9562, 6.2 method 2: the random part is raised by a random step).
/// Not thread-safe: one instance a thread.
class uuid_v7_source {
public:
    /// `time` and `random` must outlive this.
    uuid_v7_source(const clock& time, random_source& random);

    /// The next identifier.
    events::uuid next();

    /// The next identifier as a strong type: `next<events::task_id>()`.
    template <class Id>
    Id next() {
        return Id{next()};
    }

private:
    std::uint64_t draw();
    void start(std::int64_t unix_ms);
    void step();

    const clock& clock_;
    random_source& random_;
    std::array<std::uint8_t, 256> pool_{};
    std::size_t pool_at_ = pool_.size();
    std::int64_t last_ms_ = -1;
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
};

}  // namespace teamflow::infra
