#pragma once
// Tickets: what a browser puts into the address of a WebSocket or EventSource, which cannot send
// an Authorization header.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/enum.hpp>

#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/jwt.hpp"
#include "infra/crypto/random.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// A ws ticket is good once within 30 s; an sse ticket as often as the browser connects again,
/// until the access token that it was issued for expires.
enum class ticket_kind { ws, sse };
BOOST_DESCRIBE_ENUM(ticket_kind, ws, sse)

struct issued_ticket {
    std::string ticket;
    std::chrono::seconds expires_in{0};
};

/// One instance a thread, that of its pool; a ticket is good on any gateway. Every call throws
/// postgres_error.
class tickets {
public:
    static constexpr std::chrono::seconds ws_lifetime{30};

    /// All must outlive this.
    tickets(postgres::pool& database, const clock& time, random_source& random)
        : database_(database), clock_(time), random_(random) {}

    /// A ticket that stands for `holder`, never for longer than `holder` is valid.
    task<issued_ticket> issue(ticket_kind kind, claims holder);

    /// Whom `ticket` stands for; a ws ticket is used up by it, so that of several callers one gets
    /// the claims. Nullopt when it is unknown, of the other kind, used or expired.
    task<std::optional<claims>> redeem(ticket_kind kind, std::string ticket);

    /// Removes what has expired. Gives the number of rows.
    task<std::uint64_t> sweep();

private:
    postgres::pool& database_;
    const clock& clock_;
    random_source& random_;
};

}  // namespace teamflow::infra
