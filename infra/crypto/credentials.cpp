#include "infra/crypto/credentials.hpp"

#include <chrono>
#include <utility>

#include "infra/crypto/seal.hpp"

namespace teamflow::infra {

namespace {

using postgres::params;
using postgres::statement;

constexpr std::chrono::hours unfinished_after{24};

constexpr statement put_hash{
    "credentials.put",
    "insert into identity_private.credentials (user_id, password_hash, created_at, changed_at) "
    "values ($1, $2, $3, $3) on conflict (user_id) do update "
    "set password_hash = excluded.password_hash, changed_at = excluded.changed_at"
};

constexpr statement select_hash{
    "credentials.select",
    "select password_hash from identity_private.credentials where user_id = $1"
};

constexpr statement change_hash{
    "credentials.change",
    "with changed as (update identity_private.credentials "
    "set password_hash = $2, version = $3, changed_at = $4 "
    "where user_id = $1 and version < $3 returning user_id), "
    "ended as (update identity_private.refresh_families f set revoked_at = $4 from changed c "
    "where f.user_id = c.user_id and f.family <> $5 and f.revoked_at is null) "
    "select from changed"
};

constexpr statement renew_hash{
    "credentials.renew",
    "update identity_private.credentials set password_hash = $3, changed_at = $4 "
    "where user_id = $1 and password_hash = $2"
};

constexpr statement delete_unfinished{
    "credentials.sweep",
    "delete from identity_private.credentials c where c.created_at < $1 and not exists ("
    "select from teamflow.log_records r where r.kind = 1 and r.stream = 'user-' || c.user_id "
    "and r.organization = '00000000-0000-0000-0000-000000000000')"
};

constexpr statement upsert_operator{
    "operators.put",
    "insert into identity_private.operators "
    "(user_id, email, password_hash, created_at, changed_at) values ($1, $2, $3, $4, $4) "
    "on conflict (email) do update set password_hash = excluded.password_hash, active = true, "
    "changed_at = excluded.changed_at returning user_id"
};

constexpr statement select_operator{
    "operators.select",
    "select user_id, password_hash, active from identity_private.operators where email = $1"
};

constexpr statement select_active{
    "operators.active",
    "select active from identity_private.operators where user_id = $1 and active"
};

constexpr statement disable_operator{
    "operators.deactivate",
    "update identity_private.operators set active = false, changed_at = $2 where email = $1"
};

}  // namespace

task<> credentials::put(events::user_id user, std::string password_hash) {
    auto with = params::of(user, password_hash, clock_.now());
    co_await database_.query(put_hash, std::move(with));
}

task<std::optional<std::string>> credentials::find(events::user_id user) {
    auto with = params::of(user);
    const auto rows = co_await database_.query(select_hash, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(rows.get<std::string>(0, 0));
}

task<bool> credentials::change(
    events::user_id user, std::string password_hash, std::int64_t version, events::uuid kept
) {
    auto with = params::of(user, password_hash, version, clock_.now(), kept);
    const auto rows = co_await database_.query(change_hash, std::move(with));
    co_return !rows.empty();
}

task<bool> credentials::renew(events::user_id user, std::string before, std::string password_hash) {
    auto with = params::of(user, before, password_hash, clock_.now());
    const auto done = co_await database_.query(renew_hash, std::move(with));
    co_return done.affected() == 1;
}

task<std::uint64_t> credentials::sweep_unfinished() {
    auto with = params::of(clock_.now() - unfinished_after);
    const auto done = co_await database_.query(delete_unfinished, std::move(with));
    co_return done.affected();
}

task<events::user_id> credentials::put_operator(
    events::user_id new_id, std::string email, std::string password_hash
) {
    auto with = params::of(new_id, normalized_email(email), password_hash, clock_.now());
    const auto rows = co_await database_.query(upsert_operator, std::move(with));
    co_return rows.get<events::user_id>(0, 0);
}

task<std::optional<operator_account>> credentials::find_operator(std::string email) {
    auto with = params::of(normalized_email(email));
    const auto rows = co_await database_.query(select_operator, std::move(with));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return operator_account{
        .user = rows.get<events::user_id>(0, 0),
        .password_hash = rows.get<std::string>(0, 1),
        .is_active = rows.get<bool>(0, 2),
    };
}

task<bool> credentials::is_active_operator(events::user_id user) {
    auto with = params::of(user);
    const auto rows = co_await database_.query(select_active, std::move(with));
    co_return !rows.empty();
}

task<bool> credentials::deactivate_operator(std::string email) {
    auto with = params::of(normalized_email(email), clock_.now());
    const auto done = co_await database_.query(disable_operator, std::move(with));
    co_return done.affected() == 1;
}

}  // namespace teamflow::infra
