#include "query/identity.hpp"

#include <utility>

#include "events/stream.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

constexpr statement select_account_by_email{
    "identity.account_by_email",
    "select id, email, name, created_at, updated_at, version, organization_id "
    "from users.account where email_hmac = $1"
};

constexpr statement select_account_by_id{
    "identity.account_by_id",
    "select id, email, name, created_at, updated_at, version, organization_id "
    "from users.account where id = $1"
};

constexpr statement select_memberships{
    "identity.memberships",
    "select m.organization_id, o.name, m.role, m.joined_at "
    "from organizations.member m join organizations.organization o on o.id = m.organization_id "
    "where m.user_id = $1 and m.active order by m.joined_at, m.organization_id"
};

constexpr statement select_organization{
    "identity.organization",
    "select id, name, created_at, updated_at, version, single_running_timer, time_zone, "
    "max_concurrent_generations from organizations.organization where id = $1"
};

constexpr statement select_founded_name{
    "identity.founded_name",
    "select data ->> 'organization_name' from teamflow.events where stream = $1 "
    "and organization = '00000000-0000-0000-0000-000000000000' and stream_version = 1"
};

constexpr statement select_operator_email{
    "identity.operator_email", "select email from identity_private.operators where user_id = $1"
};

struct organization_columns {
    events::organization_id id;
    std::string name;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
    bool single_running_timer = false;
    std::string time_zone;
    std::int32_t max_concurrent_generations = 0;
};
BOOST_DESCRIBE_STRUCT(
    organization_columns,
    (),
    (id,
     name,
     created_at,
     updated_at,
     version,
     single_running_timer,
     time_zone,
     max_concurrent_generations)
)

}  // namespace

infra::task<std::optional<account>> account_by_email(
    infra::postgres::pool& database, std::string email_hmac
) {
    auto with = params::of(email_hmac);
    const auto rows = co_await database.query(select_account_by_email, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(read_row<account>(rows, 0));
}

infra::task<std::optional<account>> account_by_id(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(user);
    const auto rows = co_await database.query(select_account_by_id, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(read_row<account>(rows, 0));
}

infra::task<std::vector<membership>> memberships_of(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(user);
    const auto rows = co_await database.query(select_memberships, std::move(with));
    co_return read_rows<membership>(rows);
}

infra::task<std::optional<commands::organization_resource>> organization_by_id(
    infra::postgres::pool& database, events::organization_id organization
) {
    auto with = params::of(organization);
    const auto rows = co_await database.query(select_organization, std::move(with));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    auto row = read_row<organization_columns>(rows, 0);
    co_return commands::organization_resource{
        .id = row.id,
        .name = std::move(row.name),
        .settings =
            {.single_running_timer = row.single_running_timer,
             .time_zone = std::move(row.time_zone),
             .max_concurrent_generations = row.max_concurrent_generations},
        .created_at = row.created_at,
        .updated_at = row.updated_at,
        .version = row.version
    };
}

infra::task<std::optional<std::string>> founded_name(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(stream_of(user));
    const auto rows = co_await database.query(select_founded_name, std::move(with));
    co_return rows.empty() ? std::nullopt : rows.get<std::optional<std::string>>(0, 0);
}

infra::task<std::optional<std::string>> operator_email(
    infra::postgres::pool& database, events::user_id user
) {
    auto with = params::of(user);
    const auto rows = co_await database.query(select_operator_email, std::move(with));
    co_return rows.empty() ? std::nullopt : std::optional(rows.get<std::string>(0, 0));
}

}  // namespace teamflow::query
