#pragma once
// Asking the processes that build read models for something, and waiting until it is done.

#include <chrono>
#include <optional>
#include <string>

#include "events/ids.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::query {

/// An order for teamflow.admin_orders (projections/rebuild/caretaker.hpp).
struct admin_order {
    events::uuid id{};
    /// verify, retry, skip, repair.
    std::string kind;
    std::string projection;
    /// The commit of retry and skip, the key of repair.
    std::string argument;
    /// Of skip.
    std::string reason;
    std::string ordered_by;
};

/// What came of it: JSON, or why it was not done. Neither while nobody was done with it in time.
struct order_result {
    std::optional<std::string> answer;
    std::optional<std::string> error;
};

/// Gives the order and waits. Whether it is waited for or not, it is done once. Throws
/// postgres_error.
infra::task<order_result> place_order(
    infra::postgres::pool& database, admin_order order, std::chrono::milliseconds patience
);

}  // namespace teamflow::query
