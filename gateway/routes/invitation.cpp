#include <algorithm>
#include <utility>

#include "commands/membership.hpp"
#include "events/json/write.hpp"
#include "gateway/api/authentication.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "gateway/routes/registration.hpp"
#include "infra/crypto/base64.hpp"
#include "query/membership.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::chrono::days invitation_life{7};
constexpr std::size_t uuid_bytes = 16;
constexpr std::size_t secret_bytes = 32;

struct invite_body {
    commands::email_address email;
    events::role role = events::role::member;
};
BOOST_DESCRIBE_STRUCT(invite_body, (), (email, role))

/// The token is shown here and nowhere else.
struct invite_answer {
    commands::invitation_resource invitation;
    std::string token;
};
BOOST_DESCRIBE_STRUCT(invite_answer, (), (invitation, token))

/// Whoever is signed in sends the token alone.
struct accept_body {
    std::string token;
    std::optional<events::json::text<1, 200>> name;
    std::optional<chosen_password> password;
};
BOOST_DESCRIBE_STRUCT(accept_body, (), (token, name, password))

struct invitation_list : queries::page_bounds {
    std::vector<commands::invitation_resource> invitations;
};
BOOST_DESCRIBE_STRUCT(invitation_list, (queries::page_bounds), (invitations))

/// Where an invitation lies, so that whoever holds the token needs no account to find it.
struct invitation_token {
    events::organization_id organization;
    events::invitation_id invitation;
    std::string hash;
};

void append_bytes(std::string& out, const events::uuid& value) {
    out.append(value.begin(), value.end());
}

events::uuid uuid_at(std::string_view bytes, std::size_t at) {
    events::uuid value{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), uuid_bytes, value.begin());
    return value;
}

std::string hash_of(std::string_view token) {
    return infra::to_hex(infra::sha256(token));
}

std::optional<invitation_token> read_token(std::string_view text) {
    const auto bytes = infra::base64url_decode(text);
    if (!bytes || bytes->size() != 2 * uuid_bytes + secret_bytes) {
        return std::nullopt;
    }
    return invitation_token{
        .organization = events::organization_id{uuid_at(*bytes, 0)},
        .invitation = events::invitation_id{uuid_at(*bytes, uuid_bytes)},
        .hash = hash_of(text)
    };
}

/// The secret part of an invitation's token; the same again for a repeated request.
std::string make_secret(const call& under_way) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    if (!under_way.idempotency_key) {
        return with.random.bytes(secret_bytes);
    }
    return with.fingerprint_key.sign(
        "invitation token\n" + to_string(who.organization) + '/' + to_string(who.user) + '/' +
        *under_way.idempotency_key
    );
}

std::string token_of(
    events::organization_id organization, events::invitation_id invitation, std::string_view secret
) {
    std::string bytes;
    append_bytes(bytes, organization.value);
    append_bytes(bytes, invitation.value);
    bytes += secret;
    return infra::base64url_encode(bytes);
}

/// Of an invitation that a request made, or an earlier one with its key.
task<std::string> add_token(
    events::organization_id organization, std::string secret, std::string invitation
) {
    const auto made = resource_of<commands::invitation_resource>(invitation);
    std::string text(R"({"invitation":)");
    text += invitation;
    text += R"(,"token":)";
    events::json::write_string(text, token_of(organization, made.id, secret));
    text += '}';
    co_return text;
}

task<response> invite(call& under_way, invite_body body) {
    auto& with = under_way.with;
    const auto organization = under_way.who.organization;
    const auto id = with.ids.next<events::invitation_id>();
    auto secret = make_secret(under_way);
    // The address is sealed under a key of the invitation until it belongs to a user.
    const events::user_id person{id.value};
    co_await with.keys.create(person);
    auto command = std::make_unique<commands::command_of<commands::create_invitation>>(
        commands::create_invitation{
            .invitation_id = id,
            .email = with.keys.seal(person, body.email.value),
            .email_hmac = email_hmac_of(with, body.email.value),
            .role = body.role,
            .token_hash = hash_of(token_of(organization, id, secret)),
            .expires_at = with.clock.now() + invitation_life
        }
    );
    command_answer how{.status = 201, .location = "/invitations"};
    how.complete = [organization, secret = std::move(secret)](call&, std::string text) {
        return add_token(organization, secret, std::move(text));
    };
    co_return co_await run_command(under_way, std::move(command), events::json::to_json(body), how);
}

task<query_result<invitation_list>> list_invitations(
    call& under_way, queries::invitation_filter asked
) {
    auto found =
        co_await queries::invitations(under_way.with.database, under_way.who.organization, asked);
    co_return list_answer<invitation_list>(std::move(found));
}

task<query_result<commands::invitation_resource>> show_invitation(call& under_way, no_body) {
    const auto id = under_way.id<events::invitation_id>("id");
    auto known =
        co_await queries::find_invitation(under_way.with.database, under_way.who.organization, id);
    if (!known) {
        co_return std::unexpected(not_found("invitation", to_string(id)));
    }
    const auto version = known->version;
    co_return found<commands::invitation_resource>{*std::move(known), version};
}

problem no_invitation() {
    return not_found("invitation", {});
}

problem invitation_used() {
    return make_problem("invitation_used", "this invitation was used already");
}

/// The invitation behind a token that can still be used, as far as the read model knows. The writer
/// decides in the end.
task<std::expected<commands::invitation_resource, problem>> usable(
    call& under_way, const invitation_token& token
) {
    auto& with = under_way.with;
    auto known = co_await queries::find_invitation_by_token(
        with.database, token.organization, token.invitation, token.hash
    );
    if (!known) {
        std::vector<std::string> projections(1, "organizations");
        co_await catch_up(with, std::move(projections), token.organization);
        known = co_await queries::find_invitation_by_token(
            with.database, token.organization, token.invitation, token.hash
        );
    }
    if (!known || known->status == commands::invitation_status::revoked) {
        co_return std::unexpected(no_invitation());
    }
    if (known->status == commands::invitation_status::accepted && !under_way.idempotency_key) {
        co_return std::unexpected(invitation_used());
    }
    if (known->status == commands::invitation_status::pending &&
        known->expires_at <= with.clock.now()) {
        co_return std::unexpected(make_problem("invitation_expired", "this invitation has expired")
        );
    }
    co_return *std::move(known);
}

/// Who accepts: the user behind a Bearer token, or a new one.
struct invited {
    events::user_id user;
    user_profile profile;
    std::vector<events::position> reached;
};

std::string accept_scope(const invitation_token& token) {
    return "accept/" + to_string(token.invitation);
}

/// The account that an invitation makes. Its id follows from the token, so that every retry
/// completes it.
task<std::expected<invited, problem>> register_invited(
    call& under_way, invitation_token token, accept_body body
) {
    auto& with = under_way.with;
    auto known = co_await usable(under_way, token);
    if (!known) {
        co_return std::unexpected(std::move(known.error()));
    }
    std::vector<events::user_id> persons(1, known->email.person);
    co_await with.keys.load(std::move(persons));
    auto email = with.keys.open(known->email);
    if (!email) {
        co_return std::unexpected(no_invitation());
    }
    registration what{
        .user = events::user_id{derived_id(with, "invited user", token.hash, known->created_at)},
        .email = *std::move(email),
        .name = std::move(body.name->value),
        .password = std::move(body.password->value),
        .organization = token.organization,
        .invitation = token.invitation
    };
    const auto user = what.user;
    what.once = key_within(under_way, accept_scope(token) + "/user", what.name);
    auto made = co_await register_account(under_way, std::move(what));
    if (!made) {
        const bool foreign =
            !under_way.idempotency_key && made.error().error == "idempotency_key_reused";
        co_return std::unexpected(foreign ? invitation_used() : std::move(made.error()));
    }
    auto profile = co_await open_profile(with, resource_of<commands::user_resource>(*made));
    std::vector<events::position> reached(1, made->at);
    co_return invited{.user = user, .profile = std::move(profile), .reached = std::move(reached)};
}

/// The user behind the request's Bearer token.
task<std::expected<invited, problem>> signed_in_user(call& under_way) {
    auto& with = under_way.with;
    route here;
    here.verb = method::post;
    const auto who = co_await authenticate(under_way.http, with, here);
    if (!who) {
        co_return std::unexpected(who.error());
    }
    auto account = co_await queries::account_by_id(with.database, who->user);
    if (!account) {
        std::vector<std::string> accounts(1, "users");
        co_await catch_up(with, std::move(accounts), events::nil_organization);
        account = co_await queries::account_by_id(with.database, who->user);
    }
    if (!account) {
        co_return std::unexpected(make_problem("forbidden", "only users may join organizations"));
    }
    auto profile = co_await open_profile(with, *std::move(account));
    co_return invited{.user = who->user, .profile = std::move(profile), .reached = {}};
}

/// What the body must and must not hold.
std::optional<problem> check_body(const accept_body& body, bool signed_in) {
    events::json::problems faults;
    const auto check = [&](const char* field, bool is_there) {
        if (signed_in && is_there) {
            faults.push_back({field, "unknown_field", "is that of the signed-in user already"});
        } else if (!signed_in && !is_there) {
            faults.push_back({field, "required", "is required"});
        }
    };
    check("name", body.name.has_value());
    check("password", body.password.has_value());
    return faults.empty() ? std::nullopt : std::optional(validation_problem(std::move(faults)));
}

task<std::expected<invited, problem>> who_accepts(
    call& under_way, invitation_token token, accept_body body
) {
    const bool signed_in = under_way.http.header("Authorization").has_value();
    if (auto refused = check_body(body, signed_in)) {
        co_return std::unexpected(std::move(*refused));
    }
    if (signed_in) {
        co_return co_await signed_in_user(under_way);
    }
    co_return co_await register_invited(under_way, std::move(token), std::move(body));
}

task<response> welcome(call& under_way, invited who, const commands::command_reply& reply) {
    auto& with = under_way.with;
    auto accepted = resource_of<commands::accepted_invitation>(reply);
    const auto organization = accepted.organization.id;
    auto memberships = co_await memberships_with(with, who.user, organization);
    signing_in signing{
        .user = std::move(who.profile),
        .organization = std::move(accepted.organization),
        .role = accepted.member.role,
        .memberships = std::move(memberships)
    };
    const auto session = co_await begin_session(with, std::move(signing));
    who.reached.push_back(reply.at);
    auto answer = session_response(201, session);
    answer.add_header("Location", "/api/v1/organizations/" + to_string(organization));
    answer.add_header("ETag", '"' + std::to_string(reply.version) + '"');
    answer.add_header("Event-Position", join_positions(std::move(who.reached)));
    if (reply.replayed) {
        answer.add_header("Idempotency-Replayed", "true");
    }
    co_return answer;
}

task<response> accept(call& under_way, accept_body body) {
    auto token = read_token(body.token);
    if (!token) {
        co_return to_response(no_invitation(), under_way.http.request_id);
    }
    auto who = co_await who_accepts(under_way, *token, std::move(body));
    if (!who) {
        co_return to_response(std::move(who.error()), under_way.http.request_id);
    }
    issuing how{
        .organization = token->organization,
        .actor = who->user,
        .once = key_within(under_way, accept_scope(*token) + '/' + to_string(who->user), {})
    };
    commands::accept_invitation command{
        .invitation_id = token->invitation, .token_hash = token->hash, .user_id = who->user
    };
    auto reply = co_await issue(under_way, std::move(command), std::move(how));
    if (!reply) {
        co_return to_response(std::move(reply.error()), under_way.http.request_id);
    }
    co_return co_await welcome(under_way, std::move(*who), *reply);
}

}  // namespace

routes invitation_routes() {
    auto create = action<invite_body, invite_answer>(
        method::post,
        "/invitations",
        access::admin,
        "Invite somebody by e-mail address; the token is shown once",
        201,
        invite
    );
    create.is_command = true;
    auto join = action<accept_body, session_answer>(
        method::post,
        "/invitations/accept",
        access::anyone,
        "Accept an invitation, as a new user or with the own Bearer token",
        201,
        accept
    );
    join.is_command = true;
    join.may_sign_in = true;
    join.errors = {"invitation_used", "invitation_expired", "already_member", "email_taken"};
    return {
        std::move(create),
        std::move(join),
        query<queries::invitation_filter, invitation_list>(
            "/invitations", access::admin, "List invitations", {{"organizations"}}, list_invitations
        ),
        query<no_body, commands::invitation_resource>(
            "/invitations/{id}",
            access::admin,
            "Show an invitation",
            {.projections = {"organizations"}, .has_version = true},
            show_invitation
        ),
        command<commands::revoke_invitation>(
            method::del,
            "/invitations/{id}",
            "Withdraw an invitation",
            {.errors = {"invitation_used"}},
            {{"id", "invitation_id"}}
        ),
    };
}

}  // namespace teamflow::gateway
