#include "infra/crypto/hmac.hpp"

#include <sodium.h>

namespace teamflow::infra {

namespace {

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

hmac_sha256::hmac_sha256(std::string_view key) {
    crypto_auth_hmacsha256_init(&keyed_, raw(key), key.size());
}

hmac_sha256::~hmac_sha256() {
    sodium_memzero(&keyed_, sizeof keyed_);
}

std::string hmac_sha256::sign(std::string_view message) const {
    std::string code(size, '\0');
    crypto_auth_hmacsha256_state state = keyed_;
    crypto_auth_hmacsha256_update(&state, raw(message), message.size());
    crypto_auth_hmacsha256_final(&state, raw(code));
    return code;
}

bool hmac_sha256::verify(std::string_view message, std::string_view code) const {
    return equal_in_constant_time(sign(message), code);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string sha256(std::string_view bytes) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(raw(digest), raw(bytes), bytes.size());
    return digest;
}

std::string to_hex(std::string_view bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), raw(bytes), bytes.size());
    text.pop_back();
    return text;
}

}  // namespace teamflow::infra
