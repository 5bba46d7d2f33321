#include "gateway/cluster_watch.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "infra/postgres/error.hpp"
#include "query/cluster.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::chrono::seconds interval{1};
constexpr std::chrono::seconds patience{5};
/// A process tells of itself every second, and is looked at every second.
constexpr std::chrono::seconds hand_over{3};

}  // namespace

cluster_watch::cluster_watch(
    infra::asio::any_io_executor executor,
    infra::postgres::pool& database,
    const infra::log_tail& tail,
    const infra::clock& time
)
    : database_(database),
      tail_(tail),
      time_(time),
      judge_(patience, hand_over),
      stopped_(std::make_shared<infra::wakeup>(std::move(executor))) {}

infra::task<> cluster_watch::run() {
    while (!stopping_) {
        try {
            co_await look();
        } catch (const infra::postgres_error& failure) {
            // What was seen last stays, with the time since when.
            spdlog::debug("the instance could not be looked at: {}", failure.what());
        }
        co_await stopped_->wait(interval);
    }
}

infra::task<> cluster_watch::look() {
    const auto samples = co_await query::follower_samples(database_, tail_);
    judge_.see(time_.now(), samples);
    const std::lock_guard lock(mutex_);
    seen_ = judge_.all();
}

void cluster_watch::stop() {
    stopping_ = true;
    stopped_->signal();
}

std::vector<query::follower_health> cluster_watch::healths() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

}  // namespace teamflow::gateway
