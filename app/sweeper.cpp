#include "app/sweeper.hpp"

#include <spdlog/spdlog.h>

#include "infra/crypto/credentials.hpp"
#include "infra/crypto/erasures.hpp"
#include "infra/crypto/refresh_tokens.hpp"
#include "infra/crypto/tickets.hpp"

namespace teamflow::app {

namespace {

/// Whoever erases has done so by then, and the archive of a Kafka log has the event.
constexpr std::chrono::seconds erasure_time{5};

}  // namespace

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
        if (is_soon_.exchange(false) && !stopping_) {
            co_await stopped_->wait(erasure_time);
        }
    }
}

infra::task<> sweeper::sweep() {
    infra::refresh_tokens sessions(database_, time_, random_);
    infra::tickets doors(database_, time_, random_);
    infra::credentials accounts(database_, time_);
    infra::erasures erased(database_, time_);
    const auto tokens = co_await sessions.sweep();
    const auto used = co_await doors.sweep();
    const auto unfinished = co_await accounts.sweep_unfinished();
    const auto again = co_await erased.repeat_all();
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
    if (again.all() != 0) {
        spdlog::warn("completed erasures: {} keys, {} sign-ins", again.keys, again.sign_ins);
    }
}

void sweeper::look_soon() {
    is_soon_ = true;
    stopped_->signal();
}

void sweeper::stop() {
    stopping_ = true;
    stopped_->signal();
}

}  // namespace teamflow::app
