#include "infra/crypto/verified_tokens.hpp"

#include <algorithm>
#include <utility>

#include <sodium/crypto_shorthash_siphash24.h>

namespace teamflow::infra {

verified_tokens::verified_tokens(
    std::shared_ptr<const token_signer> signer, random_source& random, std::size_t slots
)
    : signer_(std::move(signer)), slots_(std::max<std::size_t>(slots, 1)) {
    static_assert(sizeof key_ == crypto_shorthash_siphashx24_KEYBYTES);
    random.fill(key_);
}

verified_tokens::token_hash verified_tokens::hash_of(std::string_view token) const {
    token_hash hash{};
    static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24(
        reinterpret_cast<unsigned char*>(hash.data()),
        reinterpret_cast<const unsigned char*>(token.data()),
        token.size(),
        key_.data()
    );
    return hash;
}

std::expected<claims, token_error> verified_tokens::verify(
    std::string_view token, events::timestamp now
) {
    if (token.size() > max_token_bytes) {
        return std::unexpected(token_error::too_large);
    }
    const token_hash hash = hash_of(token);
    slot& known = slots_[hash[0] % slots_.size()];
    // An empty slot holds claims that expired in 1970.
    if (known.hash == hash && !validity(known.content, now)) {
        return known.content;
    }
    auto verified = signer_->verify(token, now);
    if (verified) {
        known = {hash, *verified};
    }
    return verified;
}

void verified_tokens::use(std::shared_ptr<const token_signer> signer) {
    signer_ = std::move(signer);
    slots_.assign(slots_.size(), {});
}

}  // namespace teamflow::infra
