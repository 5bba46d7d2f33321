#pragma once
// Remembers tokens that were verified lately, since the same ones come with every request.

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "infra/crypto/jwt.hpp"
#include "infra/crypto/random.hpp"

namespace teamflow::infra {

/// A bounded cache in front of token_signer::verify. It keeps no token, only a 128-bit SipHash
/// under a key of its own that never leaves it: without the key nobody can make a token that
/// meets the hash of another. Times are checked on every call. Only genuine tokens enter, so a
/// flood of wrong ones pushes nothing out. Not thread-safe: one instance a thread, no locks.
class verified_tokens {
public:
    /// `slots` is the bound; a newcomer takes the slot of whoever shares it.
    verified_tokens(
        std::shared_ptr<const token_signer> signer, random_source& random, std::size_t slots = 1024
    );

    /// What token_signer::verify says, at the price of one hash when the token is known.
    std::expected<claims, token_error> verify(std::string_view token, events::timestamp now);

    /// Takes changed keys and forgets everything that the old ones vouched for.
    void use(std::shared_ptr<const token_signer> signer);

private:
    using token_hash = std::array<std::uint64_t, 2>;

    struct slot {
        token_hash hash{};
        claims content;
    };

    [[nodiscard]] token_hash hash_of(std::string_view token) const;

    std::shared_ptr<const token_signer> signer_;
    std::array<std::uint8_t, 16> key_{};
    std::vector<slot> slots_;
};

}  // namespace teamflow::infra
