#include <algorithm>
#include <utility>

#include "events/json/write.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/history_scope.hpp"
#include "gateway/routes/registration.hpp"
#include "gateway/routes/sign_in.hpp"

namespace teamflow::gateway {

namespace {

using events::json::text;

struct register_body {
    text<1, 200> organization_name;
    commands::email_address email;
    text<1, 200> name;
    chosen_password password;
};
BOOST_DESCRIBE_STRUCT(register_body, (), (organization_name, email, name, password))

struct login_body {
    text<1, 254> email;
    std::string password;
    std::optional<events::organization_id> organization_id;
};
BOOST_DESCRIBE_STRUCT(login_body, (), (email, password, organization_id))

struct refresh_body {
    std::string refresh_token;
    std::optional<events::organization_id> organization_id;
};
BOOST_DESCRIBE_STRUCT(refresh_body, (), (refresh_token, organization_id))

struct logout_body {
    std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(logout_body, (), (refresh_token))

struct ticket_body {
    events::json::defaulted<infra::ticket_kind, infra::ticket_kind::ws> kind;
};
BOOST_DESCRIBE_STRUCT(ticket_body, (), (kind))

struct ticket_answer {
    std::string ticket;
    std::int64_t expires_in = 0;
};
BOOST_DESCRIBE_STRUCT(ticket_answer, (), (ticket, expires_in))

/// What makes two registrations the same request: all but the password.
struct registration_content {
    std::string organization_name;
    std::string email_hmac;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(registration_content, (), (organization_name, email_hmac, name))

response refuse(const call& under_way, problem why) {
    return to_response(std::move(why), under_way.http.request_id);
}

problem no_membership() {
    return make_problem("forbidden", "the account is no active member of such an organization");
}

/// The organization that a user founds: its id follows from the user's, so that a retry completes
/// the registration.
events::organization_id founded_by(const services& with, events::user_id user) {
    const std::chrono::milliseconds made_at(events::unix_ms_of(user.value));
    const events::timestamp when(made_at);
    return events::organization_id{derived_id(with, "organization", to_string(user), when)};
}

registration registration_of(call& under_way, register_body body) {
    auto& with = under_way.with;
    const auto hmac = email_hmac_of(with, body.email.value);
    const registration_content content{
        .organization_name = body.organization_name.value,
        .email_hmac = hmac,
        .name = body.name.value
    };
    const auto user = with.ids.next<events::user_id>();
    return {
        .user = user,
        .email = std::move(body.email.value),
        .name = std::move(body.name.value),
        .password = std::move(body.password.value),
        .organization = founded_by(with, user),
        .organization_name = std::move(body.organization_name.value),
        .once = key_within(under_way, "register/" + hmac, events::json::to_json(content))
    };
}

task<response> do_register(call& under_way, register_body body) {
    auto& with = under_way.with;
    const auto what = registration_of(under_way, std::move(body));
    auto user = co_await register_account(under_way, what);
    if (!user) {
        co_return refuse(under_way, std::move(user.error()));
    }
    auto account = resource_of<commands::user_resource>(*user);
    const auto owned = founded_by(with, account.id);
    auto organization = co_await found_organization(
        under_way, owned, *what.organization_name, account.id, what.once
    );
    if (!organization) {
        co_return refuse(under_way, std::move(organization.error()));
    }
    auto founded = resource_of<commands::organization_resource>(*organization);
    query::membership owner{
        .organization_id = founded.id,
        .organization_name = founded.name,
        .role = events::role::owner,
        .joined_at = founded.created_at
    };
    auto profile = co_await open_profile(with, std::move(account));
    signing_in who{
        .user = std::move(profile),
        .organization = std::move(founded),
        .role = events::role::owner,
        .memberships = {std::move(owner)}
    };
    const auto session = co_await begin_session(with, std::move(who));
    auto answer = session_response(201, session);
    answer.add_header("Location", "/api/v1/organizations/" + to_string(owned));
    answer.add_header("ETag", '"' + std::to_string(user->version) + '"');
    answer.add_header("Event-Position", join_positions({user->at, organization->at}));
    if (user->replayed) {
        answer.add_header("Idempotency-Replayed", "true");
    }
    co_return answer;
}

/// The operator with this address and password; as slow for an unknown address as for a known one.
task<std::optional<events::user_id>> operator_with(
    services& with, std::string email, std::string password
) {
    auto known = co_await with.credentials.find_operator(std::move(email));
    if (!known || !known->is_active) {
        co_return std::nullopt;
    }
    const bool fits = co_await with.passwords.verify(std::move(password), known->password_hash);
    co_return fits ? std::optional(known->user) : std::nullopt;
}

/// Whether the password is the user's; does the same work when there is no such user.
task<bool> check_password(
    services& with, const std::optional<query::account>& known, std::string password
) {
    std::optional<std::string> hash;
    if (known) {
        hash = co_await with.credentials.find(known->id);
    }
    if (!hash) {
        co_await with.passwords.verify_dummy(std::move(password));
        co_return false;
    }
    const bool fits = co_await with.passwords.verify(password, *hash);
    if (fits && with.passwords.needs_rehash(*hash)) {
        auto renewed = co_await with.passwords.hash(std::move(password));
        co_await with.credentials.renew(known->id, *hash, std::move(renewed));
    }
    co_return fits;
}

/// The user in the wanted organization, or in the oldest one; nullopt when there is none.
task<std::optional<signing_in>> sign_in_to(
    services& with, query::account known, std::optional<events::organization_id> wanted
) {
    auto memberships = co_await memberships_with(with, known.id, wanted);
    const auto chosen = std::ranges::find_if(memberships, [&](const query::membership& one) {
        return !wanted || one.organization_id == *wanted;
    });
    if (chosen == memberships.end()) {
        co_return std::nullopt;
    }
    const auto role = chosen->role;
    auto organization = co_await query::organization_by_id(with.database, chosen->organization_id);
    auto user = co_await open_profile(with, std::move(known));
    co_return signing_in{
        .user = std::move(user),
        .organization = std::move(organization),
        .role = role,
        .memberships = std::move(memberships)
    };
}

signing_in operator_signing_in(events::user_id user, std::string email) {
    return {.user = operator_profile(user, std::move(email)), .is_operator = true};
}

/// Founds the organization of a registration that stopped before it, for instance because the
/// program did: whether there is one now. Its name stands in history alone, which may be behind the
/// account's read model.
task<bool> complete_registration(call& under_way, query::account known) {
    auto& log = under_way.with.log;
    const auto settled =
        co_await settled_ends(under_way, partitions_of(events::nil_organization, log.partitions()));
    if (!settled) {
        throw unavailable(settled.error().error, 1, settled.error().detail);
    }
    auto name = co_await query::founded_name(under_way.with.database, known.id);
    if (!name) {
        co_return false;
    }
    const auto founded = co_await found_organization(
        under_way, known.organization_id, *std::move(name), known.id, std::nullopt
    );
    co_return founded.has_value();
}

task<response> do_login(call& under_way, login_body body) {
    auto& with = under_way.with;
    const auto operating = co_await operator_with(with, body.email.value, body.password);
    if (operating) {
        auto who = operator_signing_in(*operating, infra::normalized_email(body.email.value));
        const auto session = co_await begin_session(with, std::move(who));
        co_return session_response(200, session);
    }
    // First of all, and for every address alike: right after a registration its row may be missing.
    std::vector<std::string> accounts(1, "users");
    co_await catch_up(with, std::move(accounts), events::nil_organization);
    auto hmac = email_hmac_of(with, body.email.value);
    auto known = co_await query::account_by_email(with.database, std::move(hmac));
    const bool fits = co_await check_password(with, known, std::move(body.password));
    if (!fits) {
        co_return refuse(
            under_way, make_problem("invalid_credentials", "e-mail address and password do not fit")
        );
    }
    auto who = co_await sign_in_to(with, *known, body.organization_id);
    if (!who && !body.organization_id) {
        const bool completed = co_await complete_registration(under_way, *known);
        if (completed) {
            who = co_await sign_in_to(with, *known, known->organization_id);
        }
    }
    if (!who) {
        co_return refuse(under_way, no_membership());
    }
    const auto session = co_await begin_session(with, std::move(*who));
    co_return session_response(200, session);
}

problem bad_refresh_token() {
    return make_problem("unauthenticated", "the refresh token is unknown, used or expired");
}

/// Whom the token stands for, as its successor will.
task<std::expected<signing_in, problem>> refreshed(
    services& with, infra::refresh_session known, std::optional<events::organization_id> wanted
) {
    if (known.is_operator) {
        const bool active = co_await with.credentials.is_active_operator(known.user);
        const auto email = co_await query::operator_email(with.database, known.user);
        if (!active || !email) {
            co_return std::unexpected(bad_refresh_token());
        }
        co_return operator_signing_in(known.user, *email);
    }
    auto user = co_await query::account_by_id(with.database, known.user);
    if (!user) {
        std::vector<std::string> accounts(1, "users");
        co_await catch_up(with, std::move(accounts), events::nil_organization);
        user = co_await query::account_by_id(with.database, known.user);
    }
    if (!user) {
        co_return std::unexpected(bad_refresh_token());
    }
    const auto organization = wanted.value_or(known.organization);
    auto who = co_await sign_in_to(with, std::move(*user), organization);
    if (!who) {
        co_return std::unexpected(no_membership());
    }
    co_return std::move(*who);
}

task<response> do_refresh(call& under_way, refresh_body body) {
    auto& with = under_way.with;
    const auto known = co_await with.refresh_tokens.find(body.refresh_token);
    if (!known) {
        // Notices a token that was used before, and revokes its family.
        co_await with.refresh_tokens.rotate(body.refresh_token, events::nil_organization);
        co_return refuse(under_way, bad_refresh_token());
    }
    auto who = co_await refreshed(with, *known, body.organization_id);
    if (!who) {
        co_return refuse(under_way, std::move(who.error()));
    }
    const auto organization = who->organization ? who->organization->id : events::nil_organization;
    auto next = co_await with.refresh_tokens.rotate(body.refresh_token, organization);
    if (!next) {
        co_return refuse(under_way, bad_refresh_token());
    }
    co_return session_response(200, continue_session(with, std::move(*who), std::move(*next)));
}

task<response> do_logout(call& under_way, logout_body body) {
    co_await under_way.with.refresh_tokens.revoke(std::move(body.refresh_token));
    co_return empty_response(204);
}

task<response> do_ticket(call& under_way, ticket_body body) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    infra::claims holder;
    holder.user = who.user;
    holder.organization = who.organization;
    holder.is_operator = who.is_operator;
    holder.role = who.is_operator ? std::string_view() : events::json::enum_name(who.role);
    holder.issued_at = with.clock.now();
    holder.expires_at = who.expires_at;
    holder.family = who.family;
    auto made = co_await with.tickets.issue(body.kind.value, std::move(holder));
    const ticket_answer answer{
        .ticket = std::move(made.ticket), .expires_in = made.expires_in.count()
    };
    co_return json_response(200, events::json::to_json(answer));
}

}  // namespace

routes identity_routes() {
    routes table{
        action<register_body, session_answer>(
            method::post,
            "/auth/register",
            access::anyone,
            "Make an account and an organization of its own",
            201,
            do_register
        ),
        action<login_body, session_answer>(
            method::post, "/auth/login", access::anyone, "Sign in", 200, do_login
        ),
        action<refresh_body, session_answer>(
            method::post,
            "/auth/refresh",
            access::anyone,
            "Exchange a refresh token for a new pair; also to switch organizations",
            200,
            do_refresh
        ),
        action<logout_body, no_body>(
            method::post, "/auth/logout", access::anyone, "End a sign-in", 204, do_logout
        ),
        action<ticket_body, ticket_answer>(
            method::post,
            "/auth/tickets",
            access::signed_in,
            "Get a ticket for a WebSocket or an EventSource",
            200,
            do_ticket
        ),
    };
    table[0].errors = {"email_taken"};
    table[0].is_command = true;
    table[1].errors = {"invalid_credentials", "forbidden"};
    table[2].errors = {"unauthenticated", "forbidden"};
    return table;
}

}  // namespace teamflow::gateway
