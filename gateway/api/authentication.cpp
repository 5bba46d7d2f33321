#include "gateway/api/authentication.hpp"

#include <boost/asio/ip/address.hpp>

namespace teamflow::gateway {

namespace {

constexpr std::string_view bearer = "bearer ";

problem unauthenticated() {
    return make_problem("unauthenticated", "sign in and send the access token as Bearer");
}

std::optional<principal> principal_of(const infra::claims& from) {
    principal who;
    who.user = from.user;
    who.organization = from.organization;
    who.is_operator = from.is_operator;
    who.family = from.family;
    who.expires_at = from.expires_at;
    if (from.is_operator) {
        return who;
    }
    const auto role = events::json::enum_value<events::role>(from.role);
    if (!role || from.organization == events::nil_organization) {
        return std::nullopt;
    }
    who.role = *role;
    return who;
}

std::optional<std::string_view> bearer_token(const request& http) {
    const auto field = http.header("Authorization");
    if (!field || field->size() <= bearer.size() ||
        !equal_ignoring_case(field->substr(0, bearer.size()), bearer)) {
        return std::nullopt;
    }
    return field->substr(bearer.size());
}

std::optional<std::string> ticket_of(const request& http) {
    const auto query = http.query();
    const auto ticket = query ? query->find("ticket") : std::nullopt;
    return ticket ? std::optional<std::string>(*ticket) : std::nullopt;
}

}  // namespace

task<std::expected<principal, problem>> authenticate(
    const request& http, services& with, const route& where
) {
    std::optional<infra::claims> known;
    if (const auto token = bearer_token(http)) {
        const auto verified = with.verified.verify(*token, with.clock.now());
        if (verified) {
            known = *verified;
        }
    } else if (where.takes_ticket) {
        auto ticket = ticket_of(http);
        if (ticket) {
            const auto kind = where.is_websocket ? infra::ticket_kind::ws : infra::ticket_kind::sse;
            known = co_await with.tickets.redeem(kind, std::move(*ticket));
        }
    }
    auto who = known ? principal_of(*known) : std::nullopt;
    if (!who || with.changes.has_ended(*who)) {
        co_return std::unexpected(unauthenticated());
    }
    with.changes.bring_up_to_date(*who);
    co_return *who;
}

std::optional<problem> check_access(const principal& who, access least) {
    const auto forbidden = [](std::string why) {
        return make_problem("forbidden", std::move(why));
    };
    switch (least) {
        case access::anyone:
        case access::signed_in:
            return std::nullopt;
        case access::operator_only:
            return who.is_operator ? std::nullopt
                                   : std::optional(forbidden("only operators may do this"));
        case access::analyst:
            if (who.is_operator) {
                return std::nullopt;
            }
            least = access::admin;
            break;
        default:
            break;
    }
    if (who.is_operator) {
        return forbidden("operators have no part in an organization's work");
    }
    if (!who.is_member) {
        return forbidden("the account is no active member of the organization");
    }
    const int needed = static_cast<int>(least) - static_cast<int>(access::viewer);
    if (static_cast<int>(who.role) < needed) {
        const auto role = events::json::enum_name(static_cast<events::role>(needed));
        return forbidden("this needs the role " + std::string(role));
    }
    return std::nullopt;
}

std::optional<std::chrono::seconds> take_rate(
    const request& http, services& with, const route& where, const principal& who
) {
    const auto now = std::chrono::steady_clock::now();
    if (!who.is_anonymous()) {
        return with.token_limit.take(to_string(who.user) + events::to_string(who.family), now);
    }
    // Those that compute a password hash for whoever asks.
    if (where.path != "/auth/login" && where.path != "/auth/register" &&
        where.path != "/invitations/accept") {
        return std::nullopt;
    }
    boost::system::error_code unreadable;
    const auto address = boost::asio::ip::make_address(std::string(http.peer), unreadable);
    return with.address_limit.take(infra::rate_key(address), now);
}

}  // namespace teamflow::gateway
