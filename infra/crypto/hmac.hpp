#pragma once
// HMAC-SHA-256 (RFC 2104) with the key schedule done once, and plain SHA-256.

#include <string>
#include <string_view>

#include <sodium/crypto_auth_hmacsha256.h>

namespace teamflow::infra {

/// A key that is ready to sign: each signature copies the prepared state, allocates nothing but
/// its result and takes no lock. May be used from any thread.
class hmac_sha256 {
public:
    static constexpr std::size_t size = crypto_auth_hmacsha256_BYTES;

    /// A key of any length; callers that take keys from people check the length themselves.
    explicit hmac_sha256(std::string_view key);
    hmac_sha256(const hmac_sha256&) = default;
    hmac_sha256& operator=(const hmac_sha256&) = default;
    /// Wipes the key schedule.
    ~hmac_sha256();

    /// The 32 bytes of the code over `message`.
    [[nodiscard]] std::string sign(std::string_view message) const;

    /// Whether `code` is the code over `message`, in time that does not depend on where they
    /// differ. A code of another length is wrong.
    [[nodiscard]] bool verify(std::string_view message, std::string_view code) const;

private:
    crypto_auth_hmacsha256_state keyed_{};
};

/// Whether both are equal, in time that depends on their lengths only.
bool equal_in_constant_time(std::string_view left, std::string_view right);

/// The 32 bytes of SHA-256 over `bytes`: for secrets that are long and random themselves, such as
/// opaque tokens.
std::string sha256(std::string_view bytes);

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

}  // namespace teamflow::infra
