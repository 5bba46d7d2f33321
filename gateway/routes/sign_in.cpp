#include "gateway/routes/sign_in.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "events/json/write.hpp"
#include "gateway/routes/history_scope.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::chrono::seconds catch_up_limit{2};
constexpr std::size_t password_min_characters = 12;
constexpr std::size_t password_max_bytes = 1024;

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Up to where these partitions are known to reach. What another gateway has just acknowledged may
/// not have got here yet, so the log is asked; while it does not answer, what is known here must
/// do.
task<std::vector<events::position>> newest(
    services& with, std::vector<events::partition_id> partitions
) {
    std::vector<events::position> ends;
    ends.reserve(partitions.size());
    for (const auto partition : partitions) {
        ends.push_back({partition, with.log.tail().known_end(partition).value_or(-1)});
    }
    const auto is_owned = [&](events::partition_id each) { return with.commands.owns(each); };
    if (std::ranges::all_of(partitions, is_owned)) {
        co_return ends;
    }
    try {
        ends = co_await infra::ends_of(with.log, std::move(partitions));
    } catch (const infra::log_unavailable& failure) {
        spdlog::warn("the log's end is not known: {}", failure.what());
    }
    co_return ends;
}

task<user_profile> open_profile_of(
    services& with, events::personal email, events::personal name, user_profile rest
) {
    std::vector<events::user_id> persons(1, email.person);
    persons.push_back(name.person);
    co_await with.keys.load(std::move(persons));
    rest.email = with.keys.reveal(email);
    rest.name = with.keys.reveal(name);
    co_return rest;
}

template <class Sealed>
user_profile plain_part(const Sealed& from) {
    return {
        .id = from.id,
        .email = {},
        .name = {},
        .created_at = from.created_at,
        .updated_at = from.updated_at,
        .version = from.version
    };
}

}  // namespace

bool password_format::matches(std::string_view text) {
    return text.size() <= password_max_bytes &&
           std::ranges::count_if(text, begins_character) >=
               static_cast<std::ptrdiff_t>(password_min_characters);
}

std::string email_hmac_of(const services& with, std::string_view address) {
    return infra::to_hex(with.email_key.sign(infra::normalized_email(address)));
}

task<user_profile> open_profile(services& with, commands::user_resource sealed) {
    auto rest = plain_part(sealed);
    co_return co_await open_profile_of(
        with, std::move(sealed.email), std::move(sealed.name), std::move(rest)
    );
}

task<user_profile> open_profile(services& with, query::account sealed) {
    auto rest = plain_part(sealed);
    co_return co_await open_profile_of(
        with, std::move(sealed.email), std::move(sealed.name), std::move(rest)
    );
}

user_profile operator_profile(events::user_id user, std::string email) {
    return {
        .id = user,
        .email = std::move(email),
        .name = "Operator",
        .created_at = {},
        .updated_at = {},
        .version = 0
    };
}

task<> catch_up(
    services& with,
    std::vector<std::string> projections,
    std::optional<events::organization_id> organization
) {
    auto wanted = co_await newest(with, partitions_of(organization, with.commands.partitions()));
    std::erase_if(wanted, [](const events::position& end) { return end.at < 0; });
    const auto deadline = std::chrono::steady_clock::now() + catch_up_limit;
    const bool reached =
        co_await with.positions.wait_for(std::move(projections), std::move(wanted), deadline);
    if (!reached) {
        throw unavailable(
            "read_model_behind", 1, "the newest changes are not in the read models yet; ask again"
        );
    }
}

task<std::vector<query::membership>> memberships_with(
    services& with, events::user_id user, std::optional<events::organization_id> wanted
) {
    auto found = co_await query::memberships_of(with.database, user);
    const bool is_there =
        wanted
            ? std::ranges::find(found, *wanted, &query::membership::organization_id) != found.end()
            : !found.empty();
    if (is_there) {
        co_return found;
    }
    std::vector<std::string> projections(1, "organizations");
    co_await catch_up(with, std::move(projections), wanted);
    co_return co_await query::memberships_of(with.database, user);
}

session_answer continue_session(services& with, signing_in who, infra::issued_refresh_token next) {
    const auto now = with.clock.now();
    const auto life = with.settings.access_token_life;
    infra::claims content;
    content.user = who.user.id;
    content.organization = who.organization ? who.organization->id : events::nil_organization;
    content.role = who.role ? events::json::enum_name(*who.role) : std::string_view();
    content.is_operator = who.is_operator;
    content.issued_at = now;
    content.expires_at = now + life;
    content.token_id = with.ids.next();
    content.family = next.family;
    return {
        .user = std::move(who.user),
        .organization = std::move(who.organization),
        .role = who.role,
        .is_operator = who.is_operator,
        .memberships = std::move(who.memberships),
        .access_token = with.signer.sign(content),
        .refresh_token = std::move(next.token),
        .token_type = "Bearer",
        .expires_in = life.count()
    };
}

task<session_answer> begin_session(services& with, signing_in who) {
    const auto organization = who.organization ? who.organization->id : events::nil_organization;
    auto first = co_await with.refresh_tokens.issue(
        with.ids.next(), who.user.id, organization, who.is_operator
    );
    co_return continue_session(with, std::move(who), std::move(first));
}

response session_response(unsigned status, const session_answer& answer) {
    return json_response(status, events::json::to_json(answer));
}

}  // namespace teamflow::gateway
