#pragma once
// Makes tokens that the program itself would never make, and the keys for them.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "infra/crypto/base64.hpp"
#include "infra/crypto/token_key.hpp"

namespace teamflow::tests {

/// A fresh key pair as PEM texts.
struct key_pair {
    std::string private_pem;
    std::string public_pem;
    /// Of an Ed25519 key its 32 bytes; empty for RSA.
    std::string public_bytes;
};

inline std::string take_text(BIO* from) {
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(from, &data));
    std::string text(data, size);
    BIO_free(from);
    return text;
}

inline key_pair describe_key(EVP_PKEY* raw) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(raw, EVP_PKEY_free);
    BIO* private_out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(private_out, raw, nullptr, nullptr, 0, nullptr, nullptr);
    BIO* public_out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(public_out, raw);
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    const bool has_bytes = EVP_PKEY_get_base_id(raw) == EVP_PKEY_ED25519;
    if (has_bytes) {
        EVP_PKEY_get_raw_public_key(raw, reinterpret_cast<unsigned char*>(bytes.data()), &size);
    }
    return {take_text(private_out), take_text(public_out), has_bytes ? bytes : ""};
}

inline key_pair make_ed25519() {
    return describe_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

inline key_pair make_rsa(std::size_t bits) {
    return describe_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}

/// A token with exactly this header and payload, signed with `key`.
inline std::string forge(
    const infra::token_key& key, std::string_view header, std::string_view payload
) {
    const std::string input =
        infra::base64url_encode(header) + '.' + infra::base64url_encode(payload);
    return input + '.' + infra::base64url_encode(key.sign(input));
}

}  // namespace teamflow::tests
