#include "infra/crypto/base64.hpp"

#include <utility>

#include <sodium.h>

namespace teamflow::infra {

namespace {

std::string encode(std::string_view bytes, int variant) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(
        text.data(),
        text.size(),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size(),
        variant
    );
    text.pop_back();  // the terminating NUL that libsodium counts
    return text;
}

std::optional<std::string> decode(std::string_view text, int variant) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    const int result = sodium_base642bin(
        reinterpret_cast<unsigned char*>(bytes.data()),
        bytes.size(),
        text.data(),
        text.size(),
        nullptr,
        &size,
        nullptr,
        variant
    );
    bytes.resize(size);
    // libsodium 1.0.18 takes some bytes above 127 for letters (0xEF for one), so that one byte
    // string would have several texts. What does not encode to the same text again is refused.
    const bool is_canonical = result == 0 && encode(bytes, variant) == text;
    return is_canonical ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::string> base64_decode(std::string_view text) {
    return decode(text, sodium_base64_VARIANT_ORIGINAL);
}

}  // namespace teamflow::infra
