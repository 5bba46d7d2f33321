#include "infra/crypto/jwks.hpp"

#include <fstream>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "events/json/parse.hpp"
#include "infra/crypto/base64.hpp"

namespace teamflow::infra {

namespace {

namespace json = boost::json;

constexpr std::size_t max_file_bytes = std::size_t{1} << 20U;

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(max_file_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || text.empty() || text.size() > max_file_bytes) {
        throw std::runtime_error(fmt::format("{}: no readable JWKS file", file.native()));
    }
    return text;
}

/// The text of a member, or the empty text.
std::string_view text_of(const json::object& key, std::string_view name) {
    const json::value* value = key.if_contains(name);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

std::optional<std::string> bytes_of(const json::object& key, std::string_view name) {
    return base64url_decode(text_of(key, name));
}

bool is_or_absent(const json::object& key, std::string_view name, std::string_view expected) {
    return !key.contains(name) || text_of(key, name) == expected;
}

std::optional<token_key> read_key(const json::object& key) {
    if (!is_or_absent(key, "use", "sig")) {
        return std::nullopt;
    }
    if (text_of(key, "kty") == "RSA" && is_or_absent(key, "alg", "RS256")) {
        const auto modulus = bytes_of(key, "n");
        const auto exponent = bytes_of(key, "e");
        return modulus && exponent ? token_key::from_rsa(*modulus, *exponent) : std::nullopt;
    }
    if (text_of(key, "kty") == "OKP" && text_of(key, "crv") == "Ed25519" &&
        is_or_absent(key, "alg", "EdDSA")) {
        const auto point = bytes_of(key, "x");
        return point ? token_key::from_ed25519(*point) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::pair<std::string, token_key>> read_jwks(const std::filesystem::path& file) {
    const auto document = events::json::parse(read_file(file));
    const json::object* set = document ? document->if_object() : nullptr;
    const json::value* keys = set == nullptr ? nullptr : set->if_contains("keys");
    if (keys == nullptr || !keys->is_array()) {
        throw std::runtime_error(fmt::format("{}: no JWKS (RFC 7517) document", file.native()));
    }
    std::vector<std::pair<std::string, token_key>> found;
    for (const json::value& entry : keys->get_array()) {
        const json::object* key = entry.if_object();
        const std::string kid(key == nullptr ? std::string_view{} : text_of(*key, "kid"));
        if (kid.empty()) {
            continue;
        }
        if (auto usable = read_key(*key)) {
            found.emplace_back(kid, *std::move(usable));
        }
    }
    if (found.empty()) {
        throw std::runtime_error(
            fmt::format("{}: no usable key (RS256 or Ed25519, with a kid)", file.native())
        );
    }
    return found;
}

}  // namespace teamflow::infra
