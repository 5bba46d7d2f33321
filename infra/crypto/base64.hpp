#pragma once
// Base64 in the URL-safe alphabet without padding (RFC 4648, section 5), as tokens use it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace teamflow::infra {

/// The length of the encoded form of `bytes` bytes.
constexpr std::size_t base64url_length(std::size_t bytes) {
    return (bytes * 4 + 2) / 3;
}

/// Encodes any bytes; nothing is ever refused.
std::string base64url_encode(std::string_view bytes);

/// Accepts exactly what base64url_encode makes: no padding, no white space, no other alphabet, no
/// stray bits in the last character. Anything else is nullopt.
std::optional<std::string> base64url_decode(std::string_view text);

/// The same for the standard alphabet with padding (RFC 4648, section 4), as `openssl rand
/// -base64` prints it.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace teamflow::infra
