#include "infra/crypto/tickets.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "events/json/described.hpp"
#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "infra/crypto/opaque_token.hpp"

namespace teamflow::infra {

namespace {

using postgres::bytea;
using postgres::json_text;
using postgres::params;
using postgres::statement;

constexpr statement insert_ticket{
    "tickets.issue",
    "insert into identity_private.tickets (ticket_hash, kind, claims, expires_at) "
    "values ($1, $2, $3, $4)"
};

constexpr statement take_ticket{
    "tickets.take",
    "delete from identity_private.tickets "
    "where ticket_hash = $1 and kind = 'ws' and expires_at > $2 returning claims"
};

constexpr statement select_ticket{
    "tickets.select",
    "select claims from identity_private.tickets "
    "where ticket_hash = $1 and kind = 'sse' and expires_at > $2"
};

constexpr statement delete_expired{
    "tickets.sweep", "delete from identity_private.tickets where expires_at <= $1"
};

/// Only what issue wrote is ever read, so that anything else is a broken invariant.
claims read_claims(std::string_view text) {
    const auto document = events::json::parse(text);
    if (document) {
        if (auto content =
                events::json::read<claims>(*document, events::json::unknown_members::ignore)) {
            return *std::move(content);
        }
    }
    throw std::logic_error("a ticket holds no claims");
}

}  // namespace

task<issued_ticket> tickets::issue(ticket_kind kind, claims holder) {
    const auto now = clock_.now();
    const auto expires_at = kind == ticket_kind::ws ? std::min(now + ws_lifetime, holder.expires_at)
                                                    : holder.expires_at;
    const opaque_token made = make_opaque_token(random_);
    const std::string content = events::json::to_json(holder);
    auto with =
        params::of(bytea{made.hash}, events::json::enum_name(kind), json_text{content}, expires_at);
    co_await database_.query(insert_ticket, std::move(with));
    co_return issued_ticket{made.text, std::chrono::floor<std::chrono::seconds>(expires_at - now)};
}

task<std::optional<claims>> tickets::redeem(ticket_kind kind, std::string ticket) {
    const statement& redeeming = kind == ticket_kind::ws ? take_ticket : select_ticket;
    auto with = params::of(bytea{hash_of_opaque(ticket)}, clock_.now());
    const auto rows = co_await database_.query(redeeming, std::move(with));
    co_return rows.empty() ? std::nullopt
                           : std::optional(read_claims(rows.get<std::string_view>(0, 0)));
}

task<std::uint64_t> tickets::sweep() {
    auto with = params::of(clock_.now());
    const auto done = co_await database_.query(delete_expired, std::move(with));
    co_return done.affected();
}

}  // namespace teamflow::infra
