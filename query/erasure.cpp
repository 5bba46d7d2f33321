#include "query/erasure.hpp"

#include <utility>

#include "events/stream.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

// The row of an erased account has no hash any more; history still has it, for an erasure that was
// cut short.
constexpr statement select_by_id{
    "erasure.account_by_id",
    "select a.id, coalesce(nullif(a.email_hmac, ''), (select e.data ->> 'email_hmac'"
    " from teamflow.events e where e.stream = 'user-' || a.id and e.stream_version = 1"
    " and e.organization = '00000000-0000-0000-0000-000000000000'), ''), a.erased_at"
    " from users.account a where a.id = $1"
};

constexpr statement select_by_email{
    "erasure.account_by_email",
    "select a.id, a.email_hmac, a.erased_at from users.account a"
    " where a.email_hmac = $1 and a.erased_at is null"
};

constexpr statement select_memberships{
    "erasure.memberships",
    "select m.organization_id, o.name, m.role, m.role = 'owner' and not exists (select"
    " from organizations.member p where p.organization_id = m.organization_id"
    " and p.user_id <> m.user_id and p.active and p.role = 'owner'),"
    " (select count(*) from organizations.member p where p.organization_id = m.organization_id"
    " and p.user_id <> m.user_id and p.active)"
    " from organizations.member m join organizations.organization o on o.id = m.organization_id"
    " where m.user_id = $1 and m.active order by m.joined_at, m.organization_id"
};

constexpr statement select_invitations{
    "erasure.invitations",
    "select id, organization_id from organizations.invitation"
    " where email_hmac = $1 and email_hmac <> '' and ($2::timestamptz is null or created_at <= $2)"
    " order by id"
};

// A personal field is written in one way only (events/json): the text of the id in it is a search.
constexpr statement count_events{
    "erasure.events",
    "select type, count(*) from teamflow.log_records where kind = 1 and data is not null"
    " and (organization in (select organization_id from organizations.member where user_id = $1)"
    " and strpos(data::text, $2) > 0"
    " or organization = '00000000-0000-0000-0000-000000000000' and stream = $3"
    " and strpos(data::text, $2) > 0"
    " or stream = any($4) and type = 'organization.invitation_created')"
    " group by type order by type"
};

constexpr statement count_rows{
    "erasure.rows",
    "select place, count from ("
    "select 'organizations.invitation' as place, count(*) from organizations.invitation"
    " where id = any($2)"
    " union all select 'time_logs.time_log', count(*) from time_logs.time_log where organization_id"
    " in (select organization_id from organizations.member where user_id = $1)"
    " and description ->> 'person' = $1::text"
    " union all select 'timers.timer', count(*) from timers.timer where organization_id"
    " in (select organization_id from organizations.member where user_id = $1)"
    " and description ->> 'person' = $1::text"
    " union all select 'users.account', count(*) from users.account where id = $1"
    ") as counted where count > 0 order by place"
};

std::vector<std::string> streams_of(const std::vector<events::invitation_id>& invitations) {
    std::vector<std::string> streams;
    streams.reserve(invitations.size());
    for (const auto& each : invitations) {
        streams.push_back(stream_of(each));
    }
    return streams;
}

}  // namespace

infra::task<std::optional<erasable_account>> erasable_by_id(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(user);
    const auto rows = co_await database.query(select_by_id, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(read_row<erasable_account>(rows, 0));
}

infra::task<std::optional<erasable_account>> erasable_by_email(
    infra::postgres::pool& database, std::string email_hmac
) {
    auto with = params::of(email_hmac);
    const auto rows = co_await database.query(select_by_email, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(read_row<erasable_account>(rows, 0));
}

infra::task<std::vector<ending_membership>> ending_memberships(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(user);
    const auto rows = co_await database.query(select_memberships, std::move(with));
    co_return read_rows<ending_membership>(rows);
}

infra::task<std::vector<sent_invitation>> invitations_to(
    infra::postgres::pool& database, const erasable_account& account
) {
    auto with = params::of(account.email_hmac, account.erased_at);
    const auto rows = co_await database.query(select_invitations, std::move(with));
    co_return read_rows<sent_invitation>(rows);
}

infra::task<std::vector<placeholder_count>> sealed_events(
    infra::postgres::pool& database,
    events::user_id user,
    std::vector<events::invitation_id> invitations
) {
    const std::string member = R"("person":")" + to_string(user) + '"';
    auto with = params::of(user, member, stream_of(user), streams_of(invitations));
    const auto rows = co_await database.query(count_events, std::move(with));
    co_return read_rows<placeholder_count>(rows);
}

infra::task<std::vector<placeholder_count>> sealed_rows(
    infra::postgres::pool& database,
    events::user_id user,
    std::vector<events::invitation_id> invitations
) {
    auto with = params::of(user, invitations);
    const auto rows = co_await database.query(count_rows, std::move(with));
    co_return read_rows<placeholder_count>(rows);
}

}  // namespace teamflow::query
