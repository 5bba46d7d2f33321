#pragma once
// Password hashes (argon2id, RFC 9106), computed on threads of their own, since one takes some
// 20 ms of CPU and 19 MiB.

#include <atomic>
#include <cstddef>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "infra/asio.hpp"

namespace teamflow::infra {

/// The cost of a hash and the bounds of the pool. The default cost is the minimum that OWASP
/// names for argon2id (19 MiB, 2 passes, 1 lane).
struct password_settings {
    unsigned long long passes = 2;
    std::size_t memory_bytes = std::size_t{19} << 20U;
    std::size_t threads = 2;
    /// How many may wait or run at once; with the default cost 64 are worked off within a second.
    std::size_t max_in_flight = 64;
};

/// Hashes and checks passwords. May be used from any thread; a coroutine goes on where it was.
class password_hasher {
public:
    /// Computes one hash at once, for verify_dummy. Throws std::invalid_argument for a cost that
    /// libsodium refuses.
    explicit password_hasher(const password_settings& settings = {});
    password_hasher(const password_hasher&) = delete;
    password_hasher& operator=(const password_hasher&) = delete;
    /// Waits for hashes that run; those that wait are dropped with their coroutines.
    ~password_hasher();

    /// A salted hash in the PHC string format (`$argon2id$v=19$...`), with its cost in it. Throws
    /// overloaded when too many are in flight or memory is short.
    task<std::string> hash(std::string password);

    /// Whether `password` is the one that `hash` was made of. A hash that cannot be read is wrong
    /// for every password. Throws overloaded as hash does.
    task<bool> verify(std::string password, std::string hash);

    /// Does the work of verify on a hash that no password fits, so that an unknown address takes
    /// as long to refuse as a wrong password. Throws overloaded as hash does.
    task<> verify_dummy(std::string password);

    /// Whether `hash` was made with another cost than this one's, so that the password should be
    /// hashed again when it is next known. Cheap; needs no thread.
    [[nodiscard]] bool needs_rehash(const std::string& hash) const;

private:
    class place;

    password_settings settings_;
    std::string dummy_hash_;
    std::atomic<std::size_t> in_flight_{0};
    asio::thread_pool pool_;
};

}  // namespace teamflow::infra
