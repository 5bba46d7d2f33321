#include "query/membership.hpp"

#include <utility>

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

constexpr std::string_view member_columns =
    "select m.user_id, a.email, a.name, m.role, m.active, m.joined_at, m.version";
constexpr std::string_view member_tables =
    "from organizations.member m left join users.account a on a.id = m.user_id";

/// The read model calls an invitation open that the write side calls pending.
constexpr std::string_view invitation_columns =
    "select i.id, i.email, i.role, "
    "case i.status when 'open' then 'pending' else i.status end, "
    "i.expires_at, i.created_by, i.created_at, i.version";
constexpr std::string_view invitation_table = "from organizations.invitation i";

const list_definition& member_list() {
    static const list_definition what{
        .name = "members",
        .select = member_columns,
        .from = member_tables,
        .sorts = {{"joined_at", "m.joined_at", "timestamptz"}, {"role", "m.role", "text"}},
        .tie = "m.user_id",
        .default_sort = "joined_at",
    };
    return what;
}

const list_definition& invitation_list() {
    static const list_definition what{
        .name = "invitations",
        .select = invitation_columns,
        .from = invitation_table,
        .sorts =
            {{"created_at", "i.created_at", "timestamptz"},
             {"expires_at", "i.expires_at", "timestamptz"}},
        .tie = "i.id",
        .default_sort = "-created_at",
    };
    return what;
}

std::string joined(std::string_view columns, std::string_view tables, std::string_view where) {
    std::string text(columns);
    text += ' ';
    text += tables;
    text += ' ';
    text += where;
    return text;
}

}  // namespace

infra::task<std::expected<page<commands::member_resource>, events::json::problems>> members(
    infra::postgres::pool& database,
    events::organization_id organization,
    const member_filter& asked
) {
    conditions where;
    where.add("m.organization_id = ", organization);
    if (asked.role) {
        where.add("m.role = ", events::json::enum_name(*asked.role));
    }
    where.add("m.active = ", asked.active);
    co_return co_await fetch_page<commands::member_resource>(database, member_list(), asked, where);
}

infra::task<std::optional<commands::member_resource>> find_member(
    infra::postgres::pool& database, events::organization_id organization, events::user_id user
) {
    static const std::string text =
        joined(member_columns, member_tables, "where m.organization_id = $1 and m.user_id = $2");
    const statement find{"membership.member", text};
    auto with = params::of(organization, user);
    const auto rows = co_await database.query(find, std::move(with));
    co_return rows.empty() ? std::nullopt
                           : std::optional(read_row<commands::member_resource>(rows, 0));
}

infra::task<std::expected<page<commands::invitation_resource>, events::json::problems>> invitations(
    infra::postgres::pool& database,
    events::organization_id organization,
    const invitation_filter& asked
) {
    conditions where;
    where.add("i.organization_id = ", organization);
    if (asked.status) {
        const bool pending = *asked.status == commands::invitation_status::pending;
        where.add("i.status = ", pending ? "open" : events::json::enum_name(*asked.status));
    }
    co_return co_await fetch_page<commands::invitation_resource>(
        database, invitation_list(), asked, where
    );
}

infra::task<std::optional<commands::invitation_resource>> find_invitation(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::invitation_id invitation
) {
    static const std::string text =
        joined(invitation_columns, invitation_table, "where i.organization_id = $1 and i.id = $2");
    const statement find{"membership.invitation", text};
    auto with = params::of(organization, invitation);
    const auto rows = co_await database.query(find, std::move(with));
    co_return rows.empty() ? std::nullopt
                           : std::optional(read_row<commands::invitation_resource>(rows, 0));
}

infra::task<std::optional<commands::invitation_resource>> find_invitation_by_token(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::invitation_id invitation,
    std::string token_hash
) {
    static const std::string text = joined(
        invitation_columns,
        invitation_table,
        "where i.organization_id = $1 and i.id = $2 and i.token_hash = $3"
    );
    const statement find{"membership.invitation_by_token", text};
    auto with = params::of(organization, invitation, token_hash);
    const auto rows = co_await database.query(find, std::move(with));
    co_return rows.empty() ? std::nullopt
                           : std::optional(read_row<commands::invitation_resource>(rows, 0));
}

}  // namespace teamflow::query
