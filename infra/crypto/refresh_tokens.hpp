#pragma once
// Refresh tokens: opaque, used once each, and revoked as a family when one is used twice.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// What a valid refresh token stands for.
struct refresh_session {
    events::uuid family{};
    events::user_id user;
    /// The organization that the last access token was for; nil for an operator.
    events::organization_id organization;
    bool is_operator = false;
};

/// A token as the client gets it, once; the database holds its SHA-256 only.
struct issued_refresh_token {
    std::string token;
    events::uuid family{};
    events::timestamp expires_at;
};

/// One instance a thread, that of its pool. Every call throws postgres_error.
///
/// A used token that is shown again revokes its whole family, strictly: also when it is the honest
/// client, whose answer was lost on the way and who tries again. A time of grace would let a thief
/// use a stolen token within it unnoticed, and the client's way back is a login. A client should
/// therefore keep one refresh at a time in flight and not repeat it blindly.
class refresh_tokens {
public:
    static constexpr std::chrono::days lifetime{30};

    /// All must outlive this.
    refresh_tokens(postgres::pool& database, const clock& time, random_source& random)
        : database_(database), clock_(time), random_(random) {}

    /// Begins a family: one for each login. `family` becomes the `sid` of its access tokens.
    task<issued_refresh_token> issue(
        events::uuid family,
        events::user_id user,
        events::organization_id organization,
        bool is_operator
    );

    /// What `token` stands for, without using it up: for the checks before rotate. Nullopt when it
    /// is unknown, expired, used or revoked; call rotate all the same, which notices reuse.
    task<std::optional<refresh_session>> find(std::string token);

    /// Uses `token` up and gives its successor, for `organization`, in one step: of several callers
    /// with the same token one gets a successor. Nullopt when the token is unknown, expired, used
    /// or revoked; when it was used before, the family is revoked with it.
    task<std::optional<issued_refresh_token>> rotate(
        std::string token, events::organization_id organization
    );

    /// Revokes the family of `token` (logout); harmless for a token that is none.
    task<> revoke(std::string token);

    /// Revokes all families of a user: a deactivated account, a logout everywhere. Gateways hear of
    /// it and refuse the access tokens that are out, too.
    task<> revoke_user(events::user_id user);

    /// Removes what has expired. Gives the number of rows.
    task<std::uint64_t> sweep();

private:
    postgres::pool& database_;
    const clock& clock_;
    random_source& random_;
};

}  // namespace teamflow::infra
