#include <utility>

#include "events/json/write.hpp"
#include "gateway/api/issue.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/sign_in.hpp"

namespace teamflow::gateway {

namespace {

/// The user behind the token, and the organization that it is for.
struct me_answer {
    events::user_id id;
    std::string email;
    std::string name;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
    bool is_operator = false;
    std::optional<events::organization_id> organization_id;
    std::optional<events::role> role;
    std::vector<query::membership> memberships;
};
BOOST_DESCRIBE_STRUCT(
    me_answer,
    (),
    (id,
     email,
     name,
     created_at,
     updated_at,
     version,
     is_operator,
     organization_id,
     role,
     memberships)
)

struct edit_me_body {
    events::json::replace<events::json::text<1, 200>> name;
};
BOOST_DESCRIBE_STRUCT(edit_me_body, (), (name))

/// The old password goes by either name.
struct password_body {
    std::optional<std::string> old_password;
    std::optional<std::string> current_password;
    chosen_password new_password;
};
BOOST_DESCRIBE_STRUCT(password_body, (), (old_password, current_password, new_password))

me_answer me_of(const principal& who, user_profile user) {
    me_answer made{
        .id = user.id,
        .email = std::move(user.email),
        .name = std::move(user.name),
        .created_at = user.created_at,
        .updated_at = user.updated_at,
        .version = user.version,
        .is_operator = who.is_operator,
        .organization_id = {},
        .role = {},
        .memberships = {}
    };
    if (!who.is_operator) {
        made.organization_id = who.organization;
        made.role = who.role;
    }
    return made;
}

/// The account of the caller, waited for when it was made just now.
task<std::optional<query::account>> own_account(const call& under_way) {
    auto& with = under_way.with;
    const auto user = under_way.who.user;
    auto known = co_await query::account_by_id(with.database, user);
    if (known) {
        co_return known;
    }
    std::vector<std::string> accounts(1, "users");
    co_await catch_up(with, std::move(accounts), events::nil_organization);
    co_return co_await query::account_by_id(with.database, user);
}

problem no_account(const call& under_way) {
    return not_found("user", to_string(under_way.who.user));
}

task<query_result<me_answer>> show_me(call& under_way, no_body) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    if (who.is_operator) {
        auto email = co_await query::operator_email(with.database, who.user);
        if (!email) {
            co_return std::unexpected(no_account(under_way));
        }
        co_return just(me_of(who, operator_profile(who.user, *std::move(email))));
    }
    auto known = co_await own_account(under_way);
    if (!known) {
        co_return std::unexpected(no_account(under_way));
    }
    auto user = co_await open_profile(with, *std::move(known));
    auto made = me_of(who, std::move(user));
    made.memberships = co_await memberships_with(with, who.user, who.organization);
    const auto version = made.version;
    co_return found<me_answer>{std::move(made), version};
}

/// How the caller's commands on the own account are decided.
issuing by_myself(const call& under_way, std::string_view content) {
    const auto user = under_way.who.user;
    return {
        .organization = events::nil_organization,
        .actor = user,
        .once = key_within(under_way, "me/" + to_string(user), content),
        .if_match = under_way.if_match
    };
}

void add_command_headers(response& answer, const commands::command_reply& reply) {
    answer.add_header("ETag", '"' + std::to_string(reply.version) + '"');
    answer.add_header("Event-Position", to_string(reply.at));
    if (reply.replayed) {
        answer.add_header("Idempotency-Replayed", "true");
    }
}

task<response> edit_me(call& under_way, edit_me_body body) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    commands::change_profile command{.user_id = who.user, .name = {}};
    if (body.name.value) {
        std::vector<events::user_id> persons(1, who.user);
        co_await with.keys.load(std::move(persons));
        command.name.value = with.keys.seal(who.user, body.name.value->value);
    }
    auto how = by_myself(under_way, events::json::to_json(body));
    auto reply = co_await issue(under_way, std::move(command), std::move(how));
    if (!reply) {
        co_return to_response(std::move(reply.error()), under_way.http.request_id);
    }
    auto user = co_await open_profile(with, resource_of<commands::user_resource>(*reply));
    auto made = me_of(who, std::move(user));
    made.memberships = co_await memberships_with(with, who.user, who.organization);
    auto answer = json_response(200, events::json::to_json(made));
    add_command_headers(answer, *reply);
    co_return answer;
}

/// Whether the old password is right; also when an earlier request with the same key has put the
/// new one in its place.
task<bool> knows_password(
    const call& under_way, const std::string& hash, std::string old_one, std::string new_one
) {
    auto& passwords = under_way.with.passwords;
    const bool fits = co_await passwords.verify(std::move(old_one), hash);
    if (fits || !under_way.idempotency_key) {
        co_return fits;
    }
    co_return co_await passwords.verify(std::move(new_one), hash);
}

response refuse(const call& under_way, std::string_view code, std::string why) {
    return problem_response(code, std::move(why), under_way.http.request_id);
}

/// Puts the new password in its place once history has it. What comes back is why it does not
/// stand there: a request with the same key gave another one, or another request came between.
task<std::optional<response>> put_password(
    call& under_way, commands::command_reply reply, std::string new_one, std::string hash
) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    const bool changed =
        co_await with.credentials.change(who.user, std::move(hash), reply.version, who.family);
    if (changed) {
        co_return std::nullopt;
    }
    const auto kept = co_await with.credentials.find(who.user);
    bool is_this = false;
    if (kept) {
        is_this = co_await with.passwords.verify(std::move(new_one), *kept);
    }
    if (is_this) {
        co_return std::nullopt;
    }
    if (reply.replayed) {
        co_return refuse(
            under_way,
            "idempotency_key_reused",
            "an earlier request with this key gave another new password"
        );
    }
    co_return refuse(
        under_way, "invalid_credentials", "another request changed the password at the same time"
    );
}

/// History first: what it refuses (a version, a key) leaves the password as it is. A request that
/// was cut short behind it is completed by its retry.
task<response> change_password(call& under_way, password_body body) {
    auto& with = under_way.with;
    const auto& who = under_way.who;
    auto old_one = body.old_password ? body.old_password : body.current_password;
    if (!old_one) {
        auto missing = validation_problem({{"current_password", "required", "is required"}});
        co_return to_response(std::move(missing), under_way.http.request_id);
    }
    auto& new_one = body.new_password.value;
    const auto hash = co_await with.credentials.find(who.user);
    bool fits = false;
    if (hash) {
        fits = co_await knows_password(under_way, *hash, *std::move(old_one), new_one);
    }
    if (!fits) {
        co_return refuse(under_way, "invalid_credentials", "the current password is wrong");
    }
    auto renewed = co_await with.passwords.hash(new_one);
    auto how = by_myself(under_way, {});
    const commands::record_password_change change{.user_id = who.user};
    auto reply = co_await issue(under_way, change, std::move(how));
    if (!reply) {
        co_return to_response(std::move(reply.error()), under_way.http.request_id);
    }
    auto refused = co_await put_password(under_way, *reply, std::move(new_one), std::move(renewed));
    if (refused) {
        co_return std::move(*refused);
    }
    auto answer = empty_response(204);
    add_command_headers(answer, *reply);
    co_return answer;
}

}  // namespace

routes me_routes() {
    routes table{
        query<no_body, me_answer>(
            "/me",
            access::signed_in,
            "Show the own account and its memberships",
            {.projections = {"users", "organizations"}, .has_version = true},
            show_me
        ),
        action<edit_me_body, me_answer>(
            method::patch, "/me", access::viewer, "Change the own name", 200, edit_me
        ),
        action<password_body, no_body>(
            method::post,
            "/me/password",
            access::viewer,
            "Change the own password; ends all other sign-ins",
            204,
            change_password
        ),
    };
    table[1].is_command = true;
    table[2].is_command = true;
    table[2].errors = {"invalid_credentials"};
    return table;
}

}  // namespace teamflow::gateway
