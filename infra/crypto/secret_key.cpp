#include "infra/crypto/secret_key.hpp"

#include <cstring>

#include <sodium.h>

#include "infra/crypto/base64.hpp"

namespace teamflow::infra {

secret_key secret_key::make(random_source& random) {
    secret_key key;
    random.fill(key.bytes_);
    return key;
}

std::optional<secret_key> secret_key::from_bytes(std::string_view bytes) {
    if (bytes.size() != size) {
        return std::nullopt;
    }
    secret_key key;
    std::memcpy(key.bytes_.data(), bytes.data(), size);
    return key;
}

std::optional<secret_key> secret_key::from_text(std::string_view text) {
    const auto url_safe = base64url_decode(text);
    const auto bytes = url_safe ? url_safe : base64_decode(text);
    return bytes ? from_bytes(*bytes) : std::nullopt;
}

secret_key::~secret_key() {
    sodium_memzero(bytes_.data(), bytes_.size());
}

std::string_view secret_key::bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::string secret_key::to_text() const {
    return base64url_encode(bytes());
}

secret_key secret_key::derive(std::uint64_t purpose) const {
    static_assert(size == crypto_kdf_KEYBYTES);
    static constexpr char context[crypto_kdf_CONTEXTBYTES + 1] = "teamflow";
    secret_key key;
    crypto_kdf_derive_from_key(key.bytes_.data(), size, purpose, context, data());
    return key;
}

}  // namespace teamflow::infra
