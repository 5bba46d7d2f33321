#pragma once
// Erasing persons from the tables that hold no events: keys, credentials, sign-ins and tickets.

#include <cstdint>
#include <vector>

#include "events/ids.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// How many rows an erasure changed; none of what an earlier one had done already.
struct erased_rows {
    std::int64_t keys = 0;
    std::int64_t credentials = 0;
    std::int64_t sign_ins = 0;
    std::int64_t tickets = 0;

    [[nodiscard]] std::int64_t all() const { return keys + credentials + sign_ins + tickets; }
};

/// History says who was erased (`identity.user_erased`); this is what has to follow from it. Each
/// call is one transaction and harmless when repeated. One instance a thread, that of its pool.
/// Every call throws postgres_error.
class erasures {
public:
    /// Both must outlive this.
    erasures(postgres::pool& database, const clock& time) : database_(database), clock_(time) {}

    /// Destroys the keys of `persons` for good and ends all access of `user`. Every gateway hears
    /// of both and forgets keys and tokens at once.
    task<erased_rows> carry_out(events::user_id user, std::vector<events::user_id> persons);

    /// The same for everybody whom the archive of the log says to be erased: what a restored backup
    /// brought back, or what a process that died had not come to.
    task<erased_rows> repeat_all();

private:
    postgres::pool& database_;
    const clock& clock_;
};

}  // namespace teamflow::infra
