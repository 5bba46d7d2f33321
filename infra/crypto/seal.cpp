#include "infra/crypto/seal.hpp"

#include <algorithm>

#include <sodium.h>

#include "infra/crypto/base64.hpp"
#include "infra/crypto/hmac.hpp"

namespace teamflow::infra {

namespace {

constexpr char version = 1;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t head_bytes = 1 + nonce_bytes;

enum purpose : std::uint64_t { for_encryption = 1, for_nonces = 2 };

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string_view bytes_of(const events::user_id& person) {
    return {reinterpret_cast<const char*>(person.value.data), sizeof person.value.data};
}

/// Version, nonce, ciphertext and tag; `context` is authenticated and not part of it.
std::string encrypt(
    const secret_key& key, std::string_view nonce, std::string_view context, std::string_view text
) {
    std::string out(head_bytes + text.size() + tag_bytes, version);
    std::ranges::copy(nonce, out.begin() + 1);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        reinterpret_cast<unsigned char*>(out.data() + head_bytes),
        nullptr,
        raw(text),
        text.size(),
        raw(context),
        context.size(),
        nullptr,
        raw(nonce),
        key.data()
    );
    return out;
}

std::optional<std::string> decrypt(
    const secret_key& key, std::string_view context, std::string_view sealed
) {
    if (sealed.size() < head_bytes + tag_bytes || sealed.front() != version) {
        return std::nullopt;
    }
    const std::string_view body = sealed.substr(head_bytes);
    std::string text(body.size() - tag_bytes, '\0');
    const int result = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(text.data()),
        nullptr,
        nullptr,
        raw(body),
        body.size(),
        raw(context),
        context.size(),
        raw(sealed.substr(1, nonce_bytes)),
        key.data()
    );
    return result == 0 ? std::optional(std::move(text)) : std::nullopt;
}

std::string synthetic_nonce(
    const secret_key& key, std::string_view context, std::string_view text
) {
    std::string nonce(nonce_bytes, '\0');
    crypto_generichash_state state;
    crypto_generichash_init(&state, key.data(), secret_key::size, nonce.size());
    crypto_generichash_update(&state, raw(context), context.size());
    crypto_generichash_update(&state, raw(text), text.size());
    crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(nonce.data()), nonce.size());
    return nonce;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

person_key::person_key(const secret_key& key)
    : encryption_(key.derive(for_encryption)), nonce_(key.derive(for_nonces)) {}

std::string person_key::seal(events::user_id person, std::string_view text) const {
    const std::string_view context = bytes_of(person);
    const std::string nonce = synthetic_nonce(nonce_, context, text);
    return base64url_encode(encrypt(encryption_, nonce, context, text));
}

std::string person_key::open(events::user_id person, std::string_view sealed) const {
    const auto bytes = base64url_decode(sealed);
    auto text = bytes ? decrypt(encryption_, bytes_of(person), *bytes) : std::nullopt;
    if (!text) {
        throw damaged_seal();
    }
    return *std::move(text);
}

std::string wrap_key(
    const secret_key& master, events::user_id person, const secret_key& key, random_source& random
) {
    return encrypt(master, random.bytes(nonce_bytes), bytes_of(person), key.bytes());
}

std::optional<secret_key> unwrap_key(
    const secret_key& master, events::user_id person, std::string_view wrapped
) {
    const auto bytes = decrypt(master, bytes_of(person), wrapped);
    return bytes ? secret_key::from_bytes(*bytes) : std::nullopt;
}

std::string normalized_email(std::string_view address) {
    while (!address.empty() && is_space(address.front())) {
        address.remove_prefix(1);
    }
    while (!address.empty() && is_space(address.back())) {
        address.remove_suffix(1);
    }
    std::string text(address);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return text;
}

std::string email_hmac(const secret_key& email_key, std::string_view address) {
    return to_hex(hmac_sha256(email_key.bytes()).sign(normalized_email(address)));
}

}  // namespace teamflow::infra
