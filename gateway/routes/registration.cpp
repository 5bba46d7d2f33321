#include "gateway/routes/registration.hpp"

#include <cstring>
#include <utility>

namespace teamflow::gateway {

namespace {

problem other_password() {
    return make_problem(
        "idempotency_key_reused", "an earlier request for the same account had another password"
    );
}

/// Keeps the password of the new account: nothing, or why this request cannot go on.
task<std::optional<problem>> keep_password(
    services& with, events::user_id user, std::string password
) {
    const auto kept = co_await with.credentials.find(user);
    if (kept) {
        const bool same = co_await with.passwords.verify(password, *kept);
        if (same) {
            co_return std::nullopt;
        }
        // An attempt that never became an account binds nobody.
        std::vector<std::string> accounts(1, "users");
        co_await catch_up(with, std::move(accounts), events::nil_organization);
        const auto account = co_await query::account_by_id(with.database, user);
        if (account) {
            co_return other_password();
        }
    }
    auto hash = co_await with.passwords.hash(std::move(password));
    co_await with.credentials.put(user, std::move(hash));
    co_return std::nullopt;
}

/// Whether this is the password of the account that an earlier request made.
task<bool> is_password_of(services& with, events::user_id user, std::string password) {
    const auto kept = co_await with.credentials.find(user);
    if (!kept) {
        co_return false;
    }
    co_return co_await with.passwords.verify(std::move(password), *kept);
}

problem email_taken() {
    return make_problem("email_taken", "this e-mail address belongs to an account already");
}

}  // namespace

events::uuid derived_id(
    const services& with, std::string_view purpose, std::string_view text, events::timestamp when
) {
    std::string message("id\n");
    message += purpose;
    message += '\n';
    message += text;
    const std::string bits = with.fingerprint_key.sign(message);
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, bits.data(), sizeof high);
    std::memcpy(&low, bits.data() + sizeof high, sizeof low);
    return events::make_uuid_v7(when.time_since_epoch().count(), high, low);
}

task<std::expected<commands::command_reply, problem>> register_account(
    call& under_way, registration what
) {
    auto& with = under_way.with;
    auto hmac = email_hmac_of(with, what.email);
    // Spares a hash and a row when the answer is known; the writer decides in the end. Behind a key
    // the account may be the one that an earlier request made.
    const auto taken = co_await query::account_by_email(with.database, hmac);
    if (taken && taken->id != what.user && !what.once) {
        co_return std::unexpected(email_taken());
    }
    co_await with.keys.create(what.user);
    auto refused = co_await keep_password(with, what.user, what.password);
    if (refused) {
        co_return std::unexpected(std::move(*refused));
    }
    std::vector<events::user_id> one(1, what.user);
    co_await with.keys.load(std::move(one));
    commands::register_user command{
        .user_id = what.user,
        .email = with.keys.seal(what.user, what.email),
        .email_hmac = std::move(hmac),
        .name = with.keys.seal(what.user, what.name),
        .organization_id = what.organization,
        .organization_name = std::move(what.organization_name),
        .invitation_id = what.invitation
    };
    issuing how{
        .organization = events::nil_organization, .actor = what.user, .once = std::move(what.once)
    };
    auto reply = co_await issue(under_way, std::move(command), std::move(how));
    if (reply && reply->replayed) {
        const auto made = resource_of<commands::user_resource>(*reply).id;
        const bool same = co_await is_password_of(with, made, std::move(what.password));
        if (!same) {
            co_return std::unexpected(other_password());
        }
    }
    co_return reply;
}

task<std::expected<commands::command_reply, problem>> found_organization(
    call& under_way,
    events::organization_id organization,
    std::string name,
    events::user_id owner,
    std::optional<commands::request_key> once
) {
    commands::create_organization command{
        .organization_id = organization, .name = {std::move(name)}, .owner_id = owner
    };
    if (once) {
        // Both steps may lie in one partition, where a key stands for one command.
        once->key += "/organization";
    }
    issuing how{
        .organization = organization,
        .actor = {},
        .actor_name = "system:registration",
        .once = std::move(once)
    };
    co_return co_await issue(under_way, std::move(command), std::move(how));
}

}  // namespace teamflow::gateway
