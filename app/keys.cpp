#include "app/keys.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "infra/crypto/random.hpp"

namespace teamflow::app {

infra::secrets secrets_of(const app_settings& settings) {
    const auto read = infra::read_secrets(
        {.master_key = settings.master_key,
         .email_key = settings.email_key,
         .jwt_secret = settings.jwt_secret,
         .internal_secret = settings.internal_secret}
    );
    if (!read) {
        std::string faults =
            "secrets are missing or no 32 bytes of base64 (openssl rand -base64 32):";
        for (const auto& fault : read.error()) {
            faults += "\n  " + fault.field + ": " + fault.message;
        }
        throw std::runtime_error(faults);
    }
    return *read;
}

infra::secrets secrets_beside(const app_settings& settings) {
    if (settings.jwt_secret.empty() && std::filesystem::exists(settings.data / "secrets.json")) {
        infra::system_random random;
        return infra::load_or_create_secrets(settings.data, random);
    }
    return secrets_of(settings);
}

infra::token_settings tokens_of(const app_settings& settings, const infra::secrets& keys) {
    infra::token_settings made;
    made.secret = std::string(keys.jwt_secret.bytes());
    if (!settings.jwt_keys.empty()) {
        made.key_directory = settings.jwt_keys;
    }
    if (!settings.jwks.empty()) {
        made.outside.push_back(
            {.jwks_file = settings.jwks,
             .issuer = settings.jwks_issuer,
             .audience = settings.jwks_audience}
        );
    }
    return made;
}

}  // namespace teamflow::app
