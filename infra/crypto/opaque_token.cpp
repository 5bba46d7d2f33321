#include "infra/crypto/opaque_token.hpp"

#include <utility>

#include "infra/crypto/base64.hpp"
#include "infra/crypto/hmac.hpp"

namespace teamflow::infra {

opaque_token make_opaque_token(random_source& random) {
    std::string text = base64url_encode(random.bytes(32));
    std::string hash = hash_of_opaque(text);
    return {std::move(text), std::move(hash)};
}

std::string hash_of_opaque(std::string_view text) {
    return sha256(text);
}

}  // namespace teamflow::infra
