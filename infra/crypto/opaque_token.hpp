#pragma once
// Tokens that mean nothing by themselves: 32 random bytes, stored as their hash.

#include <string>
#include <string_view>

#include "infra/crypto/random.hpp"

namespace teamflow::infra {

struct opaque_token {
    /// For the client: 43 characters of URL-safe base64.
    std::string text;
    /// For the database: SHA-256. No salt and no slow hash are needed, since nobody can guess 256
    /// random bits; and looking a hash up in an index tells nothing about the token by its time.
    std::string hash;
};

opaque_token make_opaque_token(random_source& random);

/// The hash under which `text` would be stored; text of any shape has one.
std::string hash_of_opaque(std::string_view text);

}  // namespace teamflow::infra
