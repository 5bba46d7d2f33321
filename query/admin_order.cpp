#include "query/admin_order.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds poll{100};

constexpr statement insert_statement{
    "orders.place",
    "insert into teamflow.admin_orders (id, kind, projection, argument, reason, ordered_by) "
    "values ($1, $2, $3, $4, $5, $6)"
};

constexpr statement result_statement{
    "orders.result",
    "select answer::text, error from teamflow.admin_orders where id = $1 and ended_at is not null"
};

}  // namespace

infra::task<order_result> place_order(
    infra::postgres::pool& database, admin_order order, std::chrono::milliseconds patience
) {
    auto with = params::of(
        order.id, order.kind, order.projection, order.argument, order.reason, order.ordered_by
    );
    co_await database.query(insert_statement, std::move(with));
    const auto executor = co_await infra::asio::this_coro::executor;
    infra::asio::steady_timer timer(executor);
    const auto deadline = steady_clock::now() + patience;
    while (steady_clock::now() < deadline) {
        const auto found = co_await database.query(result_statement, params::of(order.id));
        if (!found.empty()) {
            co_return order_result{
                .answer = found.get<std::optional<std::string>>(0, 0),
                .error = found.get<std::optional<std::string>>(0, 1)
            };
        }
        timer.expires_after(poll);
        co_await timer.async_wait(infra::asio::use_awaitable);
    }
    co_return order_result{};
}

}  // namespace teamflow::query
