#include "infra/crypto/jwt.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "events/json/parse.hpp"
#include "infra/crypto/base64.hpp"

namespace teamflow::infra {

namespace {

namespace json = boost::json;
using events::timestamp;
using std::chrono::seconds;

constexpr std::size_t max_role_bytes = 32;
/// The last second of the year 9999: a number beyond it is no date (and would overflow a sum).
constexpr std::int64_t last_second = 253'402'300'799;

struct token_parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signing_input;
};

/// Exactly three parts, none empty.
std::optional<token_parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) {
        return std::nullopt;
    }
    const token_parts parts{
        .header = token.substr(0, first),
        .payload = token.substr(first + 1, second - first - 1),
        .signature = token.substr(second + 1),
        .signing_input = token.substr(0, second),
    };
    const bool complete =
        !parts.header.empty() && !parts.payload.empty() && !parts.signature.empty();
    return complete ? std::optional(parts) : std::nullopt;
}

/// The object of a part. Strict reading refuses what two parsers could read differently.
std::optional<json::object> read_part(std::string_view part) {
    const auto text = base64url_decode(part);
    auto value = text ? events::json::parse(*text) : std::unexpected(events::json::parse_error{});
    if (!value || !value->is_object()) {
        return std::nullopt;
    }
    return std::move(value->get_object());
}

/// The text of a member, or null when it is absent or no text.
const json::string* text_of(const json::object& part, std::string_view name) {
    const json::value* value = part.if_contains(name);
    return value == nullptr ? nullptr : value->if_string();
}

/// Members that cannot change what is trusted. Any other (crit, jku, jwk, x5u, x5c, zip, b64, ...)
/// is a wish to have the token read in a way that is not ours.
bool is_harmless_header(const json::key_value_pair& member) {
    static constexpr std::array<std::string_view, 5> harmless{
        "alg", "kid", "typ", "x5t", "x5t#S256"
    };
    return std::ranges::find(harmless, std::string_view(member.key())) != harmless.end();
}

/// The key for a header, or why there is none.
std::expected<const trusted_key*, token_error> choose_key(
    const token_keys& keys, const json::object& header
) {
    const json::string* kid = text_of(header, "kid");
    const json::string* algorithm = text_of(header, "alg");
    const json::string* type = text_of(header, "typ");
    const bool right_type = type != nullptr && (*type == "JWT" || *type == "at+jwt");
    if (kid == nullptr || algorithm == nullptr || !right_type ||
        !std::ranges::all_of(header, is_harmless_header)) {
        return std::unexpected(token_error::bad_header);
    }
    const trusted_key* key = keys.find(*kid);
    if (key == nullptr) {
        return std::unexpected(token_error::unknown_key);
    }
    if (*algorithm != to_string(key->key.algorithm())) {
        return std::unexpected(token_error::wrong_algorithm);
    }
    return key;
}

std::optional<events::uuid> uuid_of(const json::object& payload, std::string_view name) {
    const json::string* text = text_of(payload, name);
    return text == nullptr ? std::nullopt : events::parse_uuid(std::string_view(*text));
}

std::optional<timestamp> time_of(const json::object& payload, std::string_view name) {
    const json::value* member = payload.if_contains(name);
    const std::int64_t* value = member == nullptr ? nullptr : member->if_int64();
    if (value == nullptr || *value < 0 || *value > last_second) {
        return std::nullopt;
    }
    return timestamp{seconds{*value}};
}

bool names_audience(const json::object& payload, const std::string& audience) {
    if (const json::string* one = text_of(payload, "aud")) {
        return *one == audience;
    }
    const json::value* member = payload.if_contains("aud");
    const json::array* several = member == nullptr ? nullptr : member->if_array();
    return several != nullptr && std::ranges::all_of(*several, &json::value::is_string) &&
           std::ranges::find(*several, json::value(audience)) != several->end();
}

/// `org`, `role` and `operator`: an operator stands outside of the organizations, and so does a
/// user who is a member of none; everybody else has a role in one.
bool read_standing(const json::object& payload, bool is_own, claims& content) {
    const auto organization = uuid_of(payload, "org");
    const json::string* role = text_of(payload, "role");
    const json::value* standing = payload.if_contains("operator");
    if (!organization || role == nullptr || role->size() > max_role_bytes ||
        (standing != nullptr && !standing->is_bool())) {
        return false;
    }
    content.organization = events::organization_id{*organization};
    content.role = std::string_view(*role);
    content.is_operator = standing != nullptr && standing->get_bool();
    if (content.is_operator) {
        return is_own && organization->is_nil();
    }
    return organization->is_nil() == role->empty();
}

/// Our own tokens carry the token's id and the refresh family; what an outside issuer means by
/// `jti` and `sid` is its own affair.
bool read_origin(const json::object& payload, bool is_own, claims& content) {
    if (!is_own) {
        return true;
    }
    const auto token_id = uuid_of(payload, "jti");
    const auto family = uuid_of(payload, "sid");
    if (!token_id || !family) {
        return false;
    }
    content.token_id = *token_id;
    content.family = *family;
    return true;
}

std::expected<claims, token_error> read_claims(
    const json::object& payload, const trusted_key& key, timestamp now
) {
    const json::string* issuer = text_of(payload, "iss");
    if (issuer == nullptr || *issuer != key.issuer) {
        return std::unexpected(token_error::wrong_issuer);
    }
    if (!names_audience(payload, key.audience)) {
        return std::unexpected(token_error::wrong_audience);
    }
    const auto user = uuid_of(payload, "sub");
    const auto issued_at = time_of(payload, "iat");
    const auto expires_at = time_of(payload, "exp");
    const bool has_start = payload.contains("nbf");
    const auto not_before = time_of(payload, "nbf");
    claims content;
    if (!user || user->is_nil() || !issued_at || !expires_at || (has_start && !not_before) ||
        !read_standing(payload, key.is_own, content) ||
        !read_origin(payload, key.is_own, content)) {
        return std::unexpected(token_error::bad_claims);
    }
    content.user = events::user_id{*user};
    content.issued_at = *issued_at;
    content.expires_at = *expires_at;
    if (not_before && *not_before > now + token_clock_skew) {
        return std::unexpected(token_error::not_yet_valid);
    }
    if (const auto error = validity(content, now)) {
        return std::unexpected(*error);
    }
    return content;
}

std::int64_t to_seconds(timestamp time) {
    return std::chrono::floor<seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string_view to_string(token_error error) {
    switch (error) {
        case token_error::malformed:
            return "malformed";
        case token_error::too_large:
            return "too_large";
        case token_error::bad_header:
            return "bad_header";
        case token_error::unknown_key:
            return "unknown_key";
        case token_error::wrong_algorithm:
            return "wrong_algorithm";
        case token_error::bad_signature:
            return "bad_signature";
        case token_error::bad_claims:
            return "bad_claims";
        case token_error::wrong_issuer:
            return "wrong_issuer";
        case token_error::wrong_audience:
            return "wrong_audience";
        case token_error::expired:
            return "expired";
        case token_error::not_yet_valid:
            return "not_yet_valid";
    }
    return "";
}

token_signer::token_signer(const token_settings& settings) : keys_(settings) {
    const json::object header{
        {"alg", to_string(keys_.signing().key.algorithm())},
        {"kid", keys_.signing_kid()},
        {"typ", "JWT"},
    };
    header_ = base64url_encode(json::serialize(header));
}

std::string token_signer::sign(const claims& content) const {
    const trusted_key& with = keys_.signing();
    const json::object payload{
        {"iss", with.issuer},
        {"aud", with.audience},
        {"sub", to_string(content.user)},
        {"org", to_string(content.organization)},
        {"role", content.role},
        {"operator", content.is_operator},
        {"iat", to_seconds(content.issued_at)},
        {"exp", to_seconds(content.expires_at)},
        {"jti", events::to_string(content.token_id)},
        {"sid", events::to_string(content.family)},
    };
    std::string token = header_ + '.' + base64url_encode(json::serialize(payload));
    const std::string signature = with.key.sign(token);
    return token + '.' + base64url_encode(signature);
}

std::expected<claims, token_error> token_signer::verify(std::string_view token, timestamp now)
    const {
    if (token.size() > max_token_bytes) {
        return std::unexpected(token_error::too_large);
    }
    const auto parts = split(token);
    const auto signature = parts ? base64url_decode(parts->signature) : std::nullopt;
    const auto header = parts ? read_part(parts->header) : std::nullopt;
    if (!header || !signature) {
        return std::unexpected(token_error::malformed);
    }
    const auto key = choose_key(keys_, *header);
    if (!key) {
        return std::unexpected(key.error());
    }
    if (!(*key)->key.verify(parts->signing_input, *signature)) {
        return std::unexpected(token_error::bad_signature);
    }
    const auto payload = read_part(parts->payload);
    if (!payload) {
        return std::unexpected(token_error::malformed);
    }
    return read_claims(*payload, **key, now);
}

std::optional<token_error> validity(const claims& content, timestamp now) {
    if (content.expires_at <= now) {
        return token_error::expired;
    }
    if (content.issued_at > now + token_clock_skew) {
        return token_error::not_yet_valid;
    }
    return std::nullopt;
}

}  // namespace teamflow::infra
