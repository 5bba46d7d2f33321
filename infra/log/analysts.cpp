#include "infra/log/analysts.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infra/postgres/password_verifier.hpp"

namespace teamflow::infra {

namespace {

constexpr std::size_t name_size_max = 63;
constexpr std::size_t password_size_min = 12;
constexpr std::string_view not_permitted = "42501";
constexpr std::string_view name_taken = "TF002";

/// Names that need no quotes anywhere, so that nobody types them wrong.
bool is_plain_name(std::string_view name) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= name_size_max && is_letter(name.front()) &&
           !name.starts_with("pg_") && std::ranges::all_of(name, [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
           });
}

bool has_organization(postgres::session& database, events::organization_id organization) {
    return !database
                .query(
                    "select 1 from teamflow.log_records where kind = 1 and organization = $1::uuid"
                    " limit 1",
                    {to_string(organization)}
                )
                .empty();
}

std::runtime_error may_not_make_roles() {
    return std::runtime_error(
        "the role that the program signs in to PostgreSQL with may not make roles: run this with "
        "--postgres-url and a role that has CREATEROLE and owns the tables"
    );
}

}  // namespace

std::expected<void, std::string> put_analyst(
    const std::string& url,
    const std::string& name,
    events::organization_id organization,
    const std::string& password
) {
    postgres::session database(url);
    std::vector<std::string> faults;
    if (!is_plain_name(name)) {
        faults.push_back(fmt::format(
            "the name {:?} must be a lower-case letter, then letters, digits or _, 63 at most, "
            "not beginning with pg_",
            name
        ));
    }
    if (password.size() < password_size_min) {
        faults.push_back(
            fmt::format("the password must have at least {} characters", password_size_min)
        );
    }
    if (organization.is_nil() || !has_organization(database, organization)) {
        faults.push_back(
            fmt::format("the log holds nothing of organization {}", to_string(organization))
        );
    }
    if (!faults.empty()) {
        return std::unexpected(fmt::format("{}", fmt::join(faults, "; ")));
    }
    try {
        database.query(
            "select teamflow.put_analyst($1, $2::uuid, $3)",
            {name, to_string(organization), postgres::password_verifier(url, name, password)}
        );
    } catch (const postgres_error& failure) {
        if (failure.sqlstate() == name_taken) {
            return std::unexpected(failure.message() + ": take another name");
        }
        if (failure.sqlstate() == not_permitted) {
            throw may_not_make_roles();
        }
        throw;
    }
    return {};
}

std::vector<analyst> list_analysts(postgres::session& database) {
    const auto rows = database.query(
        "select a.role_name::text, a.organization, a.created_at, r.oid is not null,"
        " (select count(*) from pg_stat_activity s where s.usesysid = r.oid)"
        " from teamflow.analysts a left join pg_roles r on r.rolname = a.role_name order by 1"
    );
    std::vector<analyst> all;
    all.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        all.push_back(
            {.name = rows.get<std::string>(row, 0),
             .organization = rows.get<events::organization_id>(row, 1),
             .created_at = rows.get<events::timestamp>(row, 2),
             .has_role = rows.get<bool>(row, 3),
             .connections = rows.get<std::int64_t>(row, 4)}
        );
    }
    return all;
}

std::expected<void, std::string> drop_analyst(
    postgres::session& database, const std::string& name
) {
    const auto all = list_analysts(database);
    if (std::ranges::find(all, name, &analyst::name) == all.end()) {
        std::vector<std::string> names;
        std::ranges::transform(all, std::back_inserter(names), &analyst::name);
        return std::unexpected(
            names.empty()
                ? "there is no analyst"
                : fmt::format(
                      "there is no analyst {:?}; there are {}", name, fmt::join(names, ", ")
                  )
        );
    }
    try {
        database.query("select teamflow.drop_analyst($1)", {name});
    } catch (const postgres_error& failure) {
        if (failure.sqlstate() == not_permitted) {
            throw may_not_make_roles();
        }
        throw;
    }
    return {};
}

}  // namespace teamflow::infra
