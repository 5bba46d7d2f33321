#pragma once
// 32 secret bytes that wipe themselves and never print.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "infra/crypto/random.hpp"

namespace teamflow::infra {

/// A symmetric key. Copies are wiped one by one when they go.
class secret_key {
public:
    static constexpr std::size_t size = 32;

    static secret_key make(random_source& random);

    /// Exactly 32 bytes; anything else is nullopt.
    static std::optional<secret_key> from_bytes(std::string_view bytes);

    /// Exactly 32 bytes as base64, in the URL-safe alphabet or as `openssl rand -base64 32` prints
    /// them; anything else is nullopt.
    static std::optional<secret_key> from_text(std::string_view text);

    secret_key(const secret_key&) = default;
    secret_key& operator=(const secret_key&) = default;
    ~secret_key();

    [[nodiscard]] std::string_view bytes() const;

    [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }

    /// The form that from_text reads: for the file of secrets and nothing else.
    [[nodiscard]] std::string to_text() const;

    /// A key of its own for another use, from which this one cannot be computed (BLAKE2b as KDF).
    [[nodiscard]] secret_key derive(std::uint64_t purpose) const;

private:
    secret_key() = default;

    std::array<std::uint8_t, size> bytes_{};
};

}  // namespace teamflow::infra
