#include "infra/rate_limit.hpp"

#include <algorithm>

#include <sodium/crypto_shorthash.h>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace teamflow::infra {

using std::chrono::nanoseconds;

rate_limiter::rate_limiter(rate_limit limit, random_source& random, std::size_t max_keys) {
    static_assert(sizeof secret_ == crypto_shorthash_KEYBYTES);
    random.fill(secret_);
    if (limit.count <= 0) {
        return;
    }
    interval_ = limit.period / limit.count;
    depth_ = interval_ * std::max<std::int64_t>(limit.burst, 1);
    const std::size_t keys_per_round = shards_.size() * ways;
    for (shard& part : shards_) {
        part.sets.resize(std::max<std::size_t>(max_keys, 1) / keys_per_round + 1);
    }
}

std::uint64_t rate_limiter::hash_of(std::string_view key) const {
    std::uint64_t hash = 0;
    static_assert(sizeof hash == crypto_shorthash_BYTES);
    crypto_shorthash(
        reinterpret_cast<unsigned char*>(&hash),
        reinterpret_cast<const unsigned char*>(key.data()),
        key.size(),
        secret_.data()
    );
    return hash;
}

rate_limiter::bucket& rate_limiter::find(bucket_set& set, std::uint64_t key) {
    const auto known = std::ranges::find(set, key, &bucket::key);
    if (known != set.end()) {
        return *known;
    }
    bucket& fullest = *std::ranges::min_element(set, {}, &bucket::full_at);
    fullest = {.key = key, .full_at = nanoseconds{0}};
    return fullest;
}

std::optional<std::chrono::seconds> rate_limiter::take(std::string_view key, time_point now) {
    if (interval_ == nanoseconds{0}) {
        return std::nullopt;
    }
    const std::uint64_t hash = hash_of(key);
    shard& part = shards_[hash % shards_.size()];
    const std::lock_guard lock(part.mutex);
    bucket& found = find(part.sets[hash / shards_.size() % part.sets.size()], hash);
    const nanoseconds time = now.time_since_epoch();
    const nanoseconds full_at = std::max(found.full_at, time) + interval_;
    const nanoseconds wait = full_at - depth_ - time;
    if (wait > nanoseconds{0}) {
        return std::chrono::ceil<std::chrono::seconds>(wait);
    }
    found.full_at = full_at;
    return std::nullopt;
}

std::string rate_key(const boost::asio::ip::address& address) {
    namespace ip = boost::asio::ip;
    const auto text = [](const auto& bytes, std::size_t size) {
        return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    };
    if (address.is_v4()) {
        return text(address.to_v4().to_bytes(), 4);
    }
    const ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return text(ip::make_address_v4(ip::v4_mapped, v6).to_bytes(), 4);
    }
    return text(v6.to_bytes(), 8);
}

}  // namespace teamflow::infra
