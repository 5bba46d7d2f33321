#include "infra/crypto/refresh_tokens.hpp"

#include <utility>

#include "infra/crypto/opaque_token.hpp"

namespace teamflow::infra {

namespace {

using postgres::bytea;
using postgres::params;
using postgres::statement;

constexpr statement insert_family{
    "refresh_tokens.issue",
    "with family as (insert into identity_private.refresh_families "
    "(family, user_id, is_operator, started_at, expires_at) values ($1, $2, $3, $4, $5)) "
    "insert into identity_private.refresh_tokens "
    "(token_hash, family, organization_id, issued_at, expires_at) values ($6, $1, $7, $4, $5)"
};

constexpr statement select_session{
    "refresh_tokens.find",
    "select t.family, f.user_id, t.organization_id, f.is_operator "
    "from identity_private.refresh_tokens t join identity_private.refresh_families f using "
    "(family) "
    "where t.token_hash = $1 and t.used_at is null and t.expires_at > $2 and f.revoked_at is null"
};

// Two callers with one token meet at its row: the second sees it used and inserts nothing.
constexpr statement exchange{
    "refresh_tokens.rotate",
    "with spent as (update identity_private.refresh_tokens t set used_at = $2 "
    "from identity_private.refresh_families f where t.token_hash = $1 and t.used_at is null "
    "and t.expires_at > $2 and f.family = t.family and f.revoked_at is null "
    "returning t.family), "
    "extended as (update identity_private.refresh_families f set expires_at = $3 "
    "from spent where f.family = spent.family) "
    "insert into identity_private.refresh_tokens "
    "(token_hash, family, organization_id, issued_at, expires_at) "
    "select $4, family, $5, $2, $3 from spent returning family"
};

constexpr statement revoke_reused{
    "refresh_tokens.reuse",
    "update identity_private.refresh_families f set revoked_at = $2 "
    "from identity_private.refresh_tokens t where t.token_hash = $1 and t.used_at is not null "
    "and f.family = t.family and f.revoked_at is null"
};

constexpr statement revoke_family{
    "refresh_tokens.revoke",
    "update identity_private.refresh_families f set revoked_at = $2 "
    "from identity_private.refresh_tokens t where t.token_hash = $1 and f.family = t.family "
    "and f.revoked_at is null"
};

constexpr statement revoke_families{
    "refresh_tokens.revoke_user",
    "update identity_private.refresh_families set revoked_at = $2 "
    "where user_id = $1 and revoked_at is null"
};

constexpr statement delete_expired{
    "refresh_tokens.sweep",
    "with families as (delete from identity_private.refresh_families where expires_at <= $1) "
    "delete from identity_private.refresh_tokens where expires_at <= $1"
};

}  // namespace

task<issued_refresh_token> refresh_tokens::issue(
    events::uuid family,
    events::user_id user,
    events::organization_id organization,
    bool is_operator
) {
    const auto now = clock_.now();
    const auto expires_at = now + lifetime;
    const opaque_token made = make_opaque_token(random_);
    auto with =
        params::of(family, user, is_operator, now, expires_at, bytea{made.hash}, organization);
    co_await database_.query(insert_family, std::move(with));
    co_return issued_refresh_token{made.text, family, expires_at};
}

task<std::optional<refresh_session>> refresh_tokens::find(std::string token) {
    auto with = params::of(bytea{hash_of_opaque(token)}, clock_.now());
    const auto rows = co_await database_.query(select_session, std::move(with));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return refresh_session{
        .family = rows.get<events::uuid>(0, 0),
        .user = rows.get<events::user_id>(0, 1),
        .organization = rows.get<events::organization_id>(0, 2),
        .is_operator = rows.get<bool>(0, 3),
    };
}

task<std::optional<issued_refresh_token>> refresh_tokens::rotate(
    std::string token, events::organization_id organization
) {
    const auto now = clock_.now();
    const auto expires_at = now + lifetime;
    const std::string used = hash_of_opaque(token);
    const opaque_token made = make_opaque_token(random_);
    auto with = params::of(bytea{used}, now, expires_at, bytea{made.hash}, organization);
    const auto rows = co_await database_.query(exchange, std::move(with));
    if (!rows.empty()) {
        co_return issued_refresh_token{made.text, rows.get<events::uuid>(0, 0), expires_at};
    }
    auto reused = params::of(bytea{used}, now);
    co_await database_.query(revoke_reused, std::move(reused));
    co_return std::nullopt;
}

task<> refresh_tokens::revoke(std::string token) {
    auto with = params::of(bytea{hash_of_opaque(token)}, clock_.now());
    co_await database_.query(revoke_family, std::move(with));
}

task<> refresh_tokens::revoke_user(events::user_id user) {
    auto with = params::of(user, clock_.now());
    co_await database_.query(revoke_families, std::move(with));
}

task<std::uint64_t> refresh_tokens::sweep() {
    auto with = params::of(clock_.now());
    const auto done = co_await database_.query(delete_expired, std::move(with));
    co_return done.affected();
}

}  // namespace teamflow::infra
