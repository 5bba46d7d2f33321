#include "infra/rate_limit.hpp"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "tests/support/manual_clock.hpp"

namespace teamflow::infra {

namespace {

using namespace std::chrono_literals;
using tests::seeded_random;

constexpr rate_limiter::time_point start{100h};

rate_limiter make(rate_limit limit, std::size_t keys = 1024) {
    seeded_random random(7);
    return {limit, random, keys};
}

int granted(rate_limiter& limiter, std::string_view key, rate_limiter::time_point now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
        count += limiter.take(key, now) ? 0 : 1;
    }
    return count;
}

std::string key_of(const char* address) {
    return rate_key(boost::asio::ip::make_address(address));
}

}  // namespace

TEST_CASE("a bucket gives its burst at once and then its rate") {
    rate_limiter limiter = make({.count = 200, .period = 1s, .burst = 400});
    CHECK(granted(limiter, "token", start, 1000) == 400);
    CHECK(granted(limiter, "token", start + 1s, 1000) == 200);
    CHECK(granted(limiter, "token", start + 1s + 5ms, 1000) == 1);
    CHECK(granted(limiter, "token", start + 1h, 1000) == 400);
}

TEST_CASE("a refusal says in how many whole seconds to come back, and then it is let in") {
    rate_limiter limiter = make({.count = 20, .period = 60s, .burst = 40});
    CHECK(granted(limiter, "address", start, 40) == 40);
    const auto wait = limiter.take("address", start);
    CHECK(wait == 3s);
    CHECK(limiter.take("address", start + 1s) == 2s);
    CHECK(limiter.take("address", start + 2900ms) == 1s);
    CHECK_FALSE(limiter.take("address", start + 3s));
}

TEST_CASE("keys do not share a bucket") {
    rate_limiter limiter = make({.count = 1, .period = 1s, .burst = 1});
    CHECK(granted(limiter, "a", start, 5) == 1);
    CHECK(granted(limiter, "b", start, 5) == 1);
}

TEST_CASE("a count of zero is no limit") {
    rate_limiter limiter = make({.count = 0, .burst = 1});
    CHECK(granted(limiter, "a", start, 10'000) == 10'000);
}

TEST_CASE("a flood of keys is held in bounded memory and lets a busy key keep its debt") {
    rate_limiter limiter = make({.count = 1, .period = 1s, .burst = 10}, 128);
    CHECK(granted(limiter, "busy", start, 20) == 10);
    for (int i = 0; i < 100'000; ++i) {
        limiter.take(fmt::format("flood {}", i), start);
    }
    CHECK(limiter.take("busy", start));
}

TEST_CASE("an IPv6 subscriber is one key, however many addresses are used") {
    CHECK(key_of("2001:db8:1:2::1") == key_of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    CHECK(key_of("2001:db8:1:2::1") != key_of("2001:db8:1:3::1"));
    CHECK(key_of("192.0.2.1") != key_of("192.0.2.2"));
    CHECK(key_of("::ffff:192.0.2.1") == key_of("192.0.2.1"));
}

TEST_CASE("threads that share a key share its burst to the last request") {
    rate_limiter limiter = make({.count = 1, .period = 1h, .burst = 1000});
    std::atomic<int> total = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] { total += granted(limiter, "token", start, 1000); });
        }
    }
    CHECK(total == 1000);
}

TEST_CASE("no schedule gets more than burst plus rate times time") {
    CHECK(rc::check("bound", [](const std::vector<std::uint8_t>& steps_ms) {
        rate_limiter limiter = make({.count = 10, .period = 1s, .burst = 5});
        rate_limiter::time_point now = start;
        std::int64_t count = 0;
        for (const std::uint8_t step : steps_ms) {
            now += std::chrono::milliseconds{step};
            count += limiter.take("key", now) ? 0 : 1;
        }
        RC_ASSERT(count <= 5 + (now - start) / 100ms);
    }));
}

}  // namespace teamflow::infra
