#pragma once
// The secrets of the settings, and what follows from them.

#include "app/settings.hpp"
#include "infra/crypto/jwt.hpp"
#include "infra/crypto/secrets.hpp"

namespace teamflow::app {

/// Throws std::runtime_error that names every one that is missing or malformed.
infra::secrets secrets_of(const app_settings& settings);

/// For commands that are run beside a server: the secrets of the settings, or without any those
/// that `teamflow dev` keeps in its data directory. Throws std::runtime_error.
infra::secrets secrets_beside(const app_settings& settings);

/// What access tokens are signed and verified with.
infra::token_settings tokens_of(const app_settings& settings, const infra::secrets& keys);

}  // namespace teamflow::app
