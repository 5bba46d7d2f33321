#include "infra/crypto/password.hpp"

#include <array>
#include <stdexcept>

#include <sodium.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "infra/crypto/random.hpp"
#include "infra/overloaded.hpp"

namespace teamflow::infra {

namespace {

std::string hash_now(const std::string& password, const password_settings& settings) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    const int result = crypto_pwhash_str_alg(
        text.data(),
        password.data(),
        password.size(),
        settings.passes,
        settings.memory_bytes,
        crypto_pwhash_ALG_ARGON2ID13
    );
    if (result != 0) {
        throw overloaded("no memory for a password hash");
    }
    return text.data();
}

task<std::string> hash_on_pool(std::string password, password_settings settings) {
    co_return hash_now(password, settings);
}

task<bool> verify_on_pool(std::string password, std::string hash) {
    co_return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

password_settings checked(const password_settings& settings) {
    const bool right = settings.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
                       settings.passes <= crypto_pwhash_argon2id_OPSLIMIT_MAX &&
                       settings.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
                       settings.memory_bytes <= crypto_pwhash_argon2id_MEMLIMIT_MAX &&
                       settings.threads > 0 && settings.max_in_flight > 0;
    if (!right) {
        throw std::invalid_argument("a password hash cannot have this cost");
    }
    return settings;
}

}  // namespace

/// One of the max_in_flight places, held while a hash waits or runs.
class password_hasher::place {
public:
    explicit place(password_hasher& of) : in_flight_(of.in_flight_) {
        if (in_flight_.fetch_add(1) >= of.settings_.max_in_flight) {
            in_flight_.fetch_sub(1);
            throw overloaded("too many passwords are being checked");
        }
    }

    place(const place&) = delete;
    place& operator=(const place&) = delete;

    ~place() { in_flight_.fetch_sub(1); }

private:
    std::atomic<std::size_t>& in_flight_;
};

password_hasher::password_hasher(const password_settings& settings)
    : settings_(checked(settings)), pool_(settings.threads) {
    system_random random;
    dummy_hash_ = hash_now(random.bytes(32), settings_);
}

password_hasher::~password_hasher() {
    pool_.stop();
    pool_.join();
}

task<std::string> password_hasher::hash(std::string password) {
    const place held(*this);
    auto work = hash_on_pool(std::move(password), settings_);
    co_return co_await asio::co_spawn(pool_, std::move(work), asio::use_awaitable);
}

task<bool> password_hasher::verify(std::string password, std::string hash) {
    const place held(*this);
    auto work = verify_on_pool(std::move(password), std::move(hash));
    co_return co_await asio::co_spawn(pool_, std::move(work), asio::use_awaitable);
}

task<> password_hasher::verify_dummy(std::string password) {
    co_await verify(std::move(password), dummy_hash_);
}

bool password_hasher::needs_rehash(const std::string& hash) const {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), settings_.passes, settings_.memory_bytes) !=
           0;
}

}  // namespace teamflow::infra
