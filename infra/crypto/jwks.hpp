#pragma once
// The key set of an outside identity provider (RFC 7517).

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "infra/crypto/token_key.hpp"

namespace teamflow::infra {

/// The usable keys of a JWKS file with their key ids: public RSA keys for RS256 and Ed25519 keys.
/// As the RFC asks, keys of other kinds, for encryption or without an id are passed over; so are
/// symmetric ones, which have no place in a published file. Throws std::runtime_error that names
/// the file when it is unreadable, over 1 MiB, no JWKS, or holds no usable key.
std::vector<std::pair<std::string, token_key>> read_jwks(const std::filesystem::path& file);

}  // namespace teamflow::infra
