#pragma once
// The secrets of one instance: from its configuration, or made once and kept in a file.

#include <expected>
#include <filesystem>
#include <string>

#include <boost/describe/class.hpp>

#include "events/json/problem.hpp"
#include "infra/crypto/secret_key.hpp"

namespace teamflow::infra {

/// The secrets as text, each 32 bytes in base64: what a configuration or `secrets.json` holds.
struct secret_texts {
    /// Wraps the key of each person. Whoever has it and the database can read personal data;
    /// without it personal data is lost. Back it up, apart from the database.
    std::string master_key;
    /// Keys the hashes under which e-mail addresses are reserved. It can't be changed later.
    std::string email_key;
    /// Signs access tokens (HS256).
    std::string jwt_secret;
    /// Signs requests that one gateway forwards to another.
    std::string internal_secret;
};
BOOST_DESCRIBE_STRUCT(secret_texts, (), (master_key, email_key, jwt_secret, internal_secret))

struct secrets {
    secret_key master_key;
    secret_key email_key;
    secret_key jwt_secret;
    secret_key internal_secret;

    static secrets make(random_source& random);
};

/// Reads configured secrets; or names every one that is missing or no 32 bytes of base64. The
/// messages never quote a secret.
std::expected<secrets, events::json::problems> read_secrets(const secret_texts& texts);

/// The secrets of `teamflow dev`: those of `directory`/secrets.json, which is made with mode 0600
/// when there is none. Throws std::runtime_error that names the file when it cannot be read or
/// written, when others than its owner may read it, and when it does not hold valid secrets.
secrets load_or_create_secrets(const std::filesystem::path& directory, random_source& random);

}  // namespace teamflow::infra
