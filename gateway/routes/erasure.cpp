#include "gateway/routes/erasure.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "commands/identity.hpp"
#include "commands/membership.hpp"
#include "gateway/api/issue.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/sign_in.hpp"
#include "infra/crypto/erasures.hpp"
#include "infra/failpoint.hpp"

namespace teamflow::gateway {

namespace {

using infra::postgres::params;
using infra::postgres::statement;

/// A cache: what is needed again is folded again, from events that stay sealed.
constexpr statement forget_snapshots{
    "erasure.snapshots",
    "delete from teamflow.snapshots where strpos(state::text, $1) > 0 or stream = any($2)"
};

/// What is to be erased; found before anything is changed.
struct erasure_plan {
    query::erasable_account account;
    std::vector<query::ending_membership> memberships;
    std::vector<query::sent_invitation> invitations;

    [[nodiscard]] std::vector<events::invitation_id> invitation_ids() const {
        std::vector<events::invitation_id> ids;
        ids.reserve(invitations.size());
        for (const auto& each : invitations) {
            ids.push_back(each.id);
        }
        return ids;
    }

    /// Whose keys are to be destroyed: the user's, and those that bear the ids of invitations.
    [[nodiscard]] std::vector<events::user_id> persons() const {
        std::vector<events::user_id> all(1, account.id);
        for (const auto& each : invitations) {
            all.push_back(events::user_id{each.id.value});
        }
        return all;
    }
};

task<std::expected<erasure_plan, problem>> make_plan(services& with, const std::string& user) {
    std::vector<std::string> read_models(1, "users");
    read_models.emplace_back("organizations");
    co_await catch_up(with, std::move(read_models), std::nullopt);
    std::optional<query::erasable_account> found;
    if (const auto id = events::parse_uuid(user)) {
        const events::user_id named{*id};
        found = co_await query::erasable_by_id(with.database, named);
    } else {
        found = co_await query::erasable_by_email(with.database, email_hmac_of(with, user));
    }
    if (!found) {
        auto missing = not_found("user", user);
        missing.detail = "no account has this id or address; one that was erased has its id alone";
        missing.message = missing.detail;
        co_return std::unexpected(std::move(missing));
    }
    erasure_plan plan;
    plan.account = *std::move(found);
    plan.memberships = co_await query::ending_memberships(with.database, plan.account.id);
    plan.invitations = co_await query::invitations_to(with.database, plan.account);
    co_return plan;
}

/// Where the erasure would leave others without an owner.
std::optional<problem> abandons_others(const erasure_plan& plan) {
    std::string names;
    for (const auto& each : plan.memberships) {
        if (each.is_only_owner && each.others > 0) {
            names += fmt::format(
                "{}{} ({})",
                names.empty() ? "" : ", ",
                each.organization_name,
                to_string(each.organization_id)
            );
        }
    }
    if (names.empty()) {
        return std::nullopt;
    }
    return make_problem(
        "last_owner",
        "nobody else owns " + names +
            ": have another member made owner first, or force it, which leaves no owner there"
    );
}

/// A command in an organization that the erasure reaches. What is gone already is done already.
template <class Command>
task<> follow_up(call& under_way, events::organization_id organization, Command command) {
    issuing how{.organization = organization, .actor = {}, .actor_name = "system:erasure"};
    auto reply = co_await issue(under_way, std::move(command), std::move(how));
    if (!reply && reply.error().error != "not_found") {
        throw unavailable(
            "unavailable", 1, "the erasure is not complete, repeat it: " + reply.error().detail
        );
    }
}

task<std::optional<problem>> record_erasure(call& under_way, const erasure_plan& plan) {
    commands::erase_user command{
        .user_id = plan.account.id,
        .email_hmac = plan.account.email_hmac,
        .invitations = plan.invitation_ids()
    };
    issuing how{.organization = events::nil_organization, .actor = under_way.who.user};
    if (to_string(how.actor) == command_line_user) {
        how.actor = {};
        how.actor_name = "system:command_line";
    }
    auto reply = co_await issue(under_way, std::move(command), std::move(how));
    co_return reply ? std::nullopt : std::optional(std::move(reply.error()));
}

/// History first: from there on the erasure is a fact, which every start of a gateway and every
/// repetition completes.
task<std::optional<problem>> carry_out(
    call& under_way, const erasure_plan& plan, erasure_report& report
) {
    auto& with = under_way.with;
    if (!report.already_erased) {
        auto refused = co_await record_erasure(under_way, plan);
        if (refused) {
            co_return refused;
        }
    }
    infra::failpoint("erasure.after_event");
    infra::erasures tables(with.database, with.clock);
    auto persons = plan.persons();
    const auto gone = co_await tables.carry_out(plan.account.id, std::move(persons));
    report.keys_destroyed = gone.keys;
    report.credentials_deleted = gone.credentials;
    report.sign_ins_ended = gone.sign_ins;
    report.tickets_deleted = gone.tickets;
    spdlog::info("user {} erased by {}", to_string(plan.account.id), to_string(under_way.who.user));
    for (const auto& person : plan.persons()) {
        with.keys.forget(person);
    }
    infra::failpoint("erasure.after_keys");
    for (const auto& each : plan.memberships) {
        commands::remove_erased_member command{.user_id = plan.account.id};
        co_await follow_up(under_way, each.organization_id, command);
        infra::failpoint("erasure.after_membership");
    }
    for (const auto& each : plan.invitations) {
        commands::erase_invitation command{.invitation_id = each.id};
        co_await follow_up(under_way, each.organization_id, command);
    }
    std::vector<std::string> streams(1, stream_of(plan.account.id));
    for (const auto& each : plan.invitations) {
        streams.push_back(stream_of(each.id));
    }
    auto what = params::of(R"("person":")" + to_string(plan.account.id) + '"', streams);
    const auto forgotten = co_await with.database.query(forget_snapshots, std::move(what));
    report.snapshots_deleted = static_cast<std::int64_t>(forgotten.affected());
    co_return std::nullopt;
}

/// So that the report counts rows as the erasure leaves them. While read models stand still it
/// counts what is there.
task<> await_rows(services& with) {
    std::vector<std::string> counted;
    for (const auto* const name : {"organizations", "time_logs", "timers", "users"}) {
        counted.emplace_back(name);
    }
    try {
        co_await catch_up(with, std::move(counted), std::nullopt);
    } catch (const unavailable& behind) {
        spdlog::warn("the report of an erasure counts rows that will change: {}", behind.what());
    }
}

std::vector<std::string> what_stays() {
    return {
        "what others wrote about the person: only they, or their own erasure, can take it back",
        "organization names and titles of tasks, which belong to the organization",
        "the keyed hash of the address in history, which nobody without the e-mail key can test",
        "backups of the database from before: a restored one is erased anew when a gateway starts",
    };
}

task<response> erase(call& under_way, erasure_body body) {
    auto& with = under_way.with;
    auto plan = co_await make_plan(with, body.user.value);
    if (!plan) {
        co_return to_response(std::move(plan.error()), under_way.http.request_id);
    }
    erasure_report report;
    report.user_id = plan->account.id;
    report.dry_run = body.dry_run.value;
    report.already_erased = plan->account.erased_at.has_value();
    auto refused =
        report.already_erased || body.force.value ? std::nullopt : abandons_others(*plan);
    if (!refused && !report.dry_run) {
        refused = co_await carry_out(under_way, *plan, report);
    }
    if (refused) {
        co_return to_response(std::move(*refused), under_way.http.request_id);
    }
    auto ids = plan->invitation_ids();
    report.events = co_await query::sealed_events(with.database, report.user_id, ids);
    co_await await_rows(with);
    report.rows = co_await query::sealed_rows(with.database, report.user_id, ids);
    report.invitations = static_cast<std::int64_t>(ids.size());
    report.memberships = std::move(plan->memberships);
    report.out_of_scope = what_stays();
    co_return json_response(200, events::json::to_json(report));
}

}  // namespace

routes erasure_routes() {
    routes table{action<erasure_body, erasure_report>(
        method::post,
        std::string(erasures_path),
        access::operator_only,
        "Erase the personal data of a user for good, or tell what that would do",
        200,
        erase
    )};
    table[0].errors = {"last_owner"};
    return table;
}

}  // namespace teamflow::gateway
