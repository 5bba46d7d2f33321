#include "infra/crypto/erasures.hpp"

#include <utility>

namespace teamflow::infra {

namespace {

using postgres::params;
using postgres::statement;

/// Families are revoked and not deleted: that they ended is what gateways read after a start. They
/// hold nothing personal and leave when they expire.
constexpr statement erase_one{
    "erasures.carry_out",
    "with keys as (insert into identity_private.person_keys as k (person, created_at, destroyed_at)"
    " select person, $3, $3 from unnest($2) as person"
    " on conflict (person) do update set wrapped = null, destroyed_at = excluded.destroyed_at"
    " where k.wrapped is not null returning 1), "
    "passwords as (delete from identity_private.credentials where user_id = $1 returning 1), "
    "sign_ins as (update identity_private.refresh_families set revoked_at = $3"
    " where user_id = $1 and revoked_at is null returning 1), "
    "doors as (delete from identity_private.tickets where claims ->> 'user' = $1::text returning 1)"
    " select (select count(*) from keys), (select count(*) from passwords),"
    " (select count(*) from sign_ins), (select count(*) from doors)"
};

constexpr statement erase_all{
    "erasures.repeat_all",
    "with erased as materialized (select (data ->> 'user_id')::uuid as person,"
    " data -> 'invitations' as invitations from teamflow.log_records"
    " where kind = 1 and type = 'identity.user_erased'), "
    "persons as (select person from erased union"
    " select json_array_elements_text(invitations)::uuid from erased), "
    "keys as (insert into identity_private.person_keys as k (person, created_at, destroyed_at)"
    " select person, $1, $1 from persons"
    " on conflict (person) do update set wrapped = null, destroyed_at = excluded.destroyed_at"
    " where k.wrapped is not null returning 1), "
    "passwords as (delete from identity_private.credentials"
    " where user_id in (select person from erased) returning 1), "
    "sign_ins as (update identity_private.refresh_families set revoked_at = $1"
    " where user_id in (select person from erased) and revoked_at is null returning 1), "
    "doors as (delete from identity_private.tickets"
    " where (claims ->> 'user')::uuid in (select person from erased) returning 1)"
    " select (select count(*) from keys), (select count(*) from passwords),"
    " (select count(*) from sign_ins), (select count(*) from doors)"
};

erased_rows read_counts(const postgres::result& rows) {
    return {
        .keys = rows.get<std::int64_t>(0, 0),
        .credentials = rows.get<std::int64_t>(0, 1),
        .sign_ins = rows.get<std::int64_t>(0, 2),
        .tickets = rows.get<std::int64_t>(0, 3)
    };
}

}  // namespace

task<erased_rows> erasures::carry_out(events::user_id user, std::vector<events::user_id> persons) {
    auto with = params::of(user, persons, clock_.now());
    const auto rows = co_await database_.query(erase_one, std::move(with));
    co_return read_counts(rows);
}

task<erased_rows> erasures::repeat_all() {
    auto with = params::of(clock_.now());
    const auto rows = co_await database_.query(erase_all, std::move(with));
    co_return read_counts(rows);
}

}  // namespace teamflow::infra
