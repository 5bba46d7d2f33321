#pragma once
// Token buckets by key in bounded memory: how often a token or an address may ask.

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "infra/crypto/random.hpp"

namespace teamflow::infra {

/// `count` requests in each `period` in the long run and `burst` at once. A count of 0 is no limit.
struct rate_limit {
    std::int64_t count = 0;
    std::chrono::nanoseconds period = std::chrono::seconds{1};
    std::int64_t burst = 1;
};

/// One limit for many keys. Each bucket is one number, the moment at which it will be full again
/// (the generic cell rate algorithm: the same as a token bucket, without a timer). Keys are hashed
/// under a random secret, so that nobody can choose keys that share a bucket. May be used from any
/// thread: the keys are spread over 16 locks.
class rate_limiter {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `max_keys` is rounded up to the next multiple of 128. When more keys are active, the bucket
    /// that is nearest to full is forgotten, which gives its key the least.
    rate_limiter(rate_limit limit, random_source& random, std::size_t max_keys = 65'536);

    /// Takes one request off the bucket of `key`: nothing when it was there, else in how many whole
    /// seconds (1 or more) it will be; a refused request costs nothing. `now` is a parameter so
    /// that tests choose it; it should not go back.
    std::optional<std::chrono::seconds> take(std::string_view key, time_point now);

private:
    struct bucket {
        std::uint64_t key = 0;
        std::chrono::nanoseconds full_at{0};
    };

    static constexpr std::size_t ways = 8;
    using bucket_set = std::array<bucket, ways>;

    struct shard {
        std::mutex mutex;
        std::vector<bucket_set> sets;
    };

    [[nodiscard]] std::uint64_t hash_of(std::string_view key) const;
    static bucket& find(bucket_set& set, std::uint64_t key);

    std::chrono::nanoseconds interval_{0};
    std::chrono::nanoseconds depth_{0};
    std::array<std::uint8_t, 16> secret_{};
    std::array<shard, 16> shards_;
};

/// What an address is limited by: IPv4 (also when mapped into IPv6) whole, IPv6 by its /64, which
/// is what one subscriber has.
std::string rate_key(const boost::asio::ip::address& address);

}  // namespace teamflow::infra
