#pragma once
// The keys that this instance trusts, by key id, each with the issuer and audience it speaks for.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "infra/crypto/token_key.hpp"

namespace teamflow::infra {

/// An identity provider outside: the keys of its JWKS file (RFC 7517) verify tokens that name
/// this issuer and audience, and no others.
struct outside_issuer {
    std::filesystem::path jwks_file;
    std::string issuer;
    std::string audience;
};

/// Where the keys come from. Signing needs the secret or a private key in the directory; when both
/// are there the directory signs and the secret still verifies, so that one can follow the other
/// without logging anybody out.
struct token_settings {
    std::string issuer = "teamflow";
    std::string audience = "teamflow";
    /// HS256, at least 32 bytes.
    std::optional<std::string> secret = std::nullopt;
    /// `<kid>.pem` files; the newest private one (by modification time, then by name) signs, all
    /// of them verify. Removing a file and restarting revokes the key.
    std::optional<std::filesystem::path> key_directory = std::nullopt;
    // Written out so that designated initializers may leave it out.
    std::vector<outside_issuer> outside = {};  // NOLINT(readability-redundant-member-init)
};

struct trusted_key {
    token_key key;
    std::string issuer;
    std::string audience;
    /// Whether this instance's own tokens carry it. An outside key can't make an operator.
    bool is_own;
};

/// Immutable after construction; may be read from any thread.
class token_keys {
public:
    /// Reads every file at once. Throws std::runtime_error that names the file or setting at fault:
    /// no key to sign with, an unreadable key, a key id that stands twice, a JWKS without any
    /// usable key.
    explicit token_keys(const token_settings& settings);

    /// Null for an unknown key id. The id is only ever compared, never part of a path or query.
    [[nodiscard]] const trusted_key* find(std::string_view kid) const;

    [[nodiscard]] const trusted_key& signing() const { return *signing_; }

    [[nodiscard]] const std::string& signing_kid() const { return signing_kid_; }

private:
    struct text_hash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void add(const std::string& kid, trusted_key key);
    void add_directory(const std::filesystem::path& directory, const token_settings& settings);
    void add_outside(const outside_issuer& from);

    std::unordered_map<std::string, trusted_key, text_hash, std::equal_to<>> keys_;
    const trusted_key* signing_ = nullptr;
    std::string signing_kid_;
};

}  // namespace teamflow::infra
