#pragma once
// Keys that sign and verify tokens. A key knows its one algorithm; a token never chooses it
// (RFC 8725, 3.1), so a public key can't be taken for an HMAC secret.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "infra/crypto/hmac.hpp"

namespace teamflow::infra {

enum class token_algorithm { hs256, rs256, eddsa };

/// The name in a token's header (RFC 7518, RFC 8037): `HS256`, `RS256`, `EdDSA`.
std::string_view to_string(token_algorithm algorithm);

/// Immutable and cheap to copy; may be used from any thread.
class token_key {
public:
    /// Throws std::invalid_argument for a secret under 32 bytes (RFC 7518, 3.2).
    static token_key from_secret(std::string_view secret);

    /// Reads a PEM file with an unencrypted private key or a public key: RSA of 2048 to 8192 bits
    /// or Ed25519. Throws std::runtime_error that names the file.
    static token_key from_pem_file(const std::filesystem::path& file);

    /// A public RSA key from big-endian modulus and exponent; an unfit one is nullopt.
    static std::optional<token_key> from_rsa(std::string_view modulus, std::string_view exponent);

    /// A public Ed25519 key from its 32 bytes; anything else is nullopt.
    static std::optional<token_key> from_ed25519(std::string_view bytes);

    [[nodiscard]] token_algorithm algorithm() const { return algorithm_; }

    /// Whether this key holds a secret or a private key.
    [[nodiscard]] bool can_sign() const { return can_sign_; }

    /// The signature over `message`. Throws std::logic_error for a public key and
    /// std::runtime_error when OpenSSL fails.
    [[nodiscard]] std::string sign(std::string_view message) const;

    /// Whether `signature` is this key's over `message`.
    [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

private:
    token_key(token_algorithm algorithm, bool can_sign)
        : algorithm_(algorithm), can_sign_(can_sign) {}

    static std::optional<token_key> from_evp(std::shared_ptr<EVP_PKEY> key, bool can_sign);

    token_algorithm algorithm_;
    bool can_sign_;
    std::optional<hmac_sha256> mac_;
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace teamflow::infra
