#pragma once
// Access tokens: JWT in compact form (RFC 7519, RFC 7515) under the practices of RFC 8725.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "infra/crypto/token_keys.hpp"

namespace teamflow::infra {

/// What a verified token says. Roles are text here: the routes know them.
struct claims {
    events::user_id user;                  // sub
    events::organization_id organization;  // org
    std::string role;                      // role; empty without an organization
    bool is_operator = false;              // operator
    events::timestamp issued_at;           // iat, whole seconds
    events::timestamp expires_at;          // exp, whole seconds
    events::uuid token_id{};               // jti; nil in tokens of outside issuers
    events::uuid family{};                 // sid, the family of the refresh token; nil when absent

    friend bool operator==(const claims&, const claims&) = default;
};
BOOST_DESCRIBE_STRUCT(
    claims, (), (user, organization, role, is_operator, issued_at, expires_at, token_id, family)
)

/// Why a token was refused: for metrics and tests. Clients hear one and the same 401 for all.
enum class token_error {
    malformed,
    too_large,
    bad_header,
    unknown_key,
    wrong_algorithm,
    bad_signature,
    bad_claims,
    wrong_issuer,
    wrong_audience,
    expired,
    not_yet_valid,
};

std::string_view to_string(token_error error);

/// Longer tokens are refused unread.
inline constexpr std::size_t max_token_bytes = 8192;

/// How far the clock of another node may be ahead: for nbf and iat. An expiry is kept to the
/// millisecond, since stretching it would lengthen the life of a stolen token.
inline constexpr std::chrono::seconds token_clock_skew{30};

/// Signs and verifies. Immutable; may be used from any thread.
class token_signer {
public:
    /// Throws what token_keys throws.
    explicit token_signer(const token_settings& settings);

    /// The signed token, typ `JWT`. Times are cut to whole seconds.
    [[nodiscard]] std::string sign(const claims& content) const;

    /// The claims of a token that is genuine and valid at `now`. The algorithm is the one of the
    /// key that the key id names; the header's must agree. Costs a signature check each time: on a
    /// hot path use verified_tokens.
    [[nodiscard]] std::expected<claims, token_error> verify(
        std::string_view token, events::timestamp now
    ) const;

private:
    token_keys keys_;
    std::string header_;
};

/// Whether a token of these claims is still valid at `now`: nothing for valid.
std::optional<token_error> validity(const claims& content, events::timestamp now);

}  // namespace teamflow::infra
