#include "commands/organization.hpp"

#include <utility>

#include "commands/membership.hpp"
#include "events/json/parse.hpp"
#include "events/json/write.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "gateway/routes/sign_in.hpp"
#include "query/membership.hpp"
#include "query/time_zone.hpp"

namespace teamflow::gateway {

namespace {

struct user_list : queries::page_bounds {
    std::vector<commands::member_resource> users;
};
BOOST_DESCRIBE_STRUCT(user_list, (queries::page_bounds), (users))

task<query_result<commands::organization_resource>> show_organization(call& under_way, no_body) {
    auto& with = under_way.with;
    const auto id = under_way.id<events::organization_id>("id");
    if (id != under_way.who.organization) {
        co_return std::unexpected(not_found("organization", to_string(id)));
    }
    auto known = co_await queries::organization_by_id(with.database, id);
    if (!known) {
        std::vector<std::string> projections(1, "organizations");
        co_await catch_up(with, std::move(projections), id);
        known = co_await queries::organization_by_id(with.database, id);
    }
    if (!known) {
        co_return std::unexpected(not_found("organization", to_string(id)));
    }
    const auto version = known->version;
    co_return found<commands::organization_resource>{*std::move(known), version};
}

/// What the writer cannot know: which time zones there are.
task<std::optional<problem>> check_time_zone(
    call& /*under_way*/, commands::edit_organization& command
) {
    events::json::problems faults;
    const auto check = [&](const auto& zone, std::string field) {
        if (zone.value && !queries::is_time_zone(zone.value->value)) {
            faults.push_back(
                {std::move(field), "unknown_time_zone", "must be a time zone such as Europe/Berlin"}
            );
        }
    };
    check(command.time_zone, "time_zone");
    if (command.settings.value) {
        check(command.settings.value->time_zone, "settings.time_zone");
    }
    co_return faults.empty() ? std::nullopt : std::optional(validation_problem(std::move(faults)));
}

task<query_result<user_list>> list_users(call& under_way, queries::member_filter asked) {
    auto& with = under_way.with;
    const auto organization = under_way.who.organization;
    auto found = co_await queries::members(with.database, organization, asked);
    if (found && found->rows.empty() && !asked.role && !asked.active) {
        // Every organization has a member: the registration has not been read yet.
        std::vector<std::string> projections{"organizations", "users"};
        co_await catch_up(with, std::move(projections), std::nullopt);
        found = co_await queries::members(with.database, organization, asked);
    }
    co_return list_answer<user_list>(std::move(found));
}

task<query_result<commands::member_resource>> show_user(call& under_way, no_body) {
    const auto user = under_way.id<events::user_id>("id");
    auto known =
        co_await queries::find_member(under_way.with.database, under_way.who.organization, user);
    if (!known) {
        co_return std::unexpected(not_found("user", to_string(user)));
    }
    const auto version = known->version;
    co_return found<commands::member_resource>{*std::move(known), version};
}

/// Name and address are the account's, which lies in another partition.
task<std::string> with_account(call& under_way, std::string body) {
    const auto document = events::json::parse(body);
    auto member = document ? events::json::read<commands::member_resource>(*document)
                           : std::unexpected(events::json::problems{});
    if (!member) {
        throw std::logic_error("a changed member does not read");
    }
    auto account = co_await queries::account_by_id(under_way.with.database, member->id);
    if (account) {
        member->email = std::move(account->email);
        member->name = std::move(account->name);
    }
    co_return events::json::to_json(*member);
}

}  // namespace

routes organization_routes() {
    using namespace commands;
    // The first call reads files, which no request should wait for.
    queries::is_time_zone("UTC");
    return {
        query<no_body, organization_resource>(
            "/organizations/{id}",
            access::viewer,
            "Show the own organization",
            {.projections = {"organizations"}, .has_version = true},
            show_organization
        ),
        command<edit_organization>(
            method::patch,
            "/organizations/{id}",
            "Change the name and the settings",
            {},
            {{"id", "organization_id"}},
            check_time_zone
        ),
        query<queries::member_filter, user_list>(
            "/users",
            access::viewer,
            "List the members of the organization",
            {{"organizations", "users"}},
            list_users
        ),
        query<no_body, member_resource>(
            "/users/{id}",
            access::viewer,
            "Show a member",
            {.projections = {"organizations", "users"}, .has_version = true},
            show_user
        ),
        command<change_member>(
            method::patch,
            "/users/{id}",
            "Change the role of a member, or deactivate one",
            {.errors = {"last_owner"}, .complete = with_account},
            {{"id", "user_id"}}
        ),
    };
}

}  // namespace teamflow::gateway
