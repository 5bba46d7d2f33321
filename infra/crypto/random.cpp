#include "infra/crypto/random.hpp"

#include <cstring>
#include <stdexcept>

#include <sodium.h>

namespace teamflow::infra {

namespace {

constexpr std::uint64_t high_bits = 0xFFF;
constexpr std::uint64_t low_bits = 0x3FFF'FFFF'FFFF'FFFF;

}  // namespace

std::string random_source::bytes(std::size_t size) {
    std::string out(size, '\0');
    // std::string and uint8_t spans share their representation; fill writes raw bytes only.
    fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

system_random::system_random() {
    if (sodium_init() < 0) {
        throw std::runtime_error("libsodium did not start: no usable source of randomness");
    }
}

void system_random::fill(std::span<std::uint8_t> out) {
    randombytes_buf(out.data(), out.size());
}

uuid_v7_source::uuid_v7_source(const clock& time, random_source& random)
    : clock_(time), random_(random) {}

std::uint64_t uuid_v7_source::draw() {
    std::uint64_t value = 0;
    if (pool_at_ + sizeof value > pool_.size()) {
        random_.fill(pool_);
        pool_at_ = 0;
    }
    std::memcpy(&value, pool_.data() + pool_at_, sizeof value);
    pool_at_ += sizeof value;
    return value;
}

void uuid_v7_source::start(std::int64_t unix_ms) {
    last_ms_ = unix_ms;
    // The topmost random bit stays clear, so that steps within this millisecond have room.
    high_ = draw() & (high_bits >> 1U);
    low_ = draw() & low_bits;
}

void uuid_v7_source::step() {
    low_ += 1 + (draw() & 0xFFFF'FFFFU);
    if (low_ > low_bits) {
        low_ &= low_bits;
        ++high_;
    }
    if (high_ > high_bits) {
        start(last_ms_ + 1);
    }
}

events::uuid uuid_v7_source::next() {
    const std::int64_t now_ms = clock_.now().time_since_epoch().count();
    if (now_ms > last_ms_) {
        start(now_ms);
    } else {
        step();
    }
    return events::make_uuid_v7(last_ms_, high_, low_);
}

}  // namespace teamflow::infra
