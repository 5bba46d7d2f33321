#include "app/sweeper.hpp"

#include <spdlog/spdlog.h>

#include "infra/crypto/credentials.hpp"
#include "infra/crypto/refresh_tokens.hpp"
#include "infra/crypto/tickets.hpp"

namespace teamflow::app {

sweeper::sweeper(
    boost::asio::any_io_executor executor,
    infra::postgres::pool& database,
    const infra::clock& time,
    infra::random_source& random
)
    : database_(database),
      time_(time),
      random_(random),
      stopped_(std::make_shared<infra::wakeup>(std::move(executor))) {}

infra::task<> sweeper::run(std::chrono::milliseconds interval) {
    while (!stopping_) {
        try {
            co_await sweep();
        } catch (const infra::postgres_error& failure) {
            // What is left expired stays refused; the next round deletes it.
            spdlog::warn("expired rows were not deleted: {}", failure.what());
        }
        co_await stopped_->wait(interval);
    }
}

infra::task<> sweeper::sweep() {
    infra::refresh_tokens sessions(database_, time_, random_);
    infra::tickets doors(database_, time_, random_);
    infra::credentials accounts(database_, time_);
    const auto tokens = co_await sessions.sweep();
    const auto used = co_await doors.sweep();
    const auto unfinished = co_await accounts.sweep_unfinished();
    const auto all = tokens + used + unfinished;
    rows_ += all;
    if (all != 0) {
        spdlog::info(
            "deleted {} expired refresh tokens, {} tickets, {} unfinished credentials",
            tokens,
            used,
            unfinished
        );
    }
}

void sweeper::stop() {
    stopping_ = true;
    stopped_->signal();
}

}  // namespace teamflow::app
