#include "projections/rebuild/rebuild_lease.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

#include "events/json/described.hpp"
#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds renewal_interval{500};

/// No row: another term is current.
const std::string renew_sql =
    "update teamflow.rebuilds r set lease_until = clock_timestamp() + make_interval(secs => $3), "
    "events_per_second = $4, throttled = $5 from teamflow.rebuild_terms t "
    "where r.projection = $1 and t.projection = r.projection and t.term = $2 "
    "and r.stage not in ('done', 'aborted') returning r.wish";

}  // namespace

rebuild_lease::rebuild_lease(
    postgres::endpoint at, rebuild_order order, std::function<void(bool)> on_change
)
    : at_(std::move(at)),
      order_(std::move(order)),
      on_change_(std::move(on_change)),
      wish_(order_.wish),
      thread_([this] { run(); }) {}

rebuild_lease::~rebuild_lease() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    ending_.notify_all();
    thread_.join();
}

void rebuild_lease::run() {
    std::optional<postgres::session> database;
    auto renewed = steady_clock::now();
    auto counted = renewed;
    bool has_begun = false;
    double rate = 0;
    std::unique_lock lock(mutex_);
    while (!ended_ && !lost_) {
        lock.unlock();
        const auto now = steady_clock::now();
        const std::chrono::duration<double> since = now - counted;
        if (since.count() > 0) {
            const auto fresh = static_cast<double>(offsets_.exchange(0));
            // Half of it from the last moment: steady enough to read, quick enough to follow.
            rate = has_begun ? (rate + fresh / since.count()) / 2 : fresh / since.count();
            has_begun = has_begun || fresh > 0;
            counted = now;
        }
        try {
            if (!database) {
                database.emplace(at_);
            }
            renew(*database, rate);
            renewed = now;
        } catch (const infra::postgres_error& error) {
            spdlog::warn("the rebuild of {} is not renewed: {}", order_.projection, error.what());
            database.reset();
            lost_ = lost_ || now - renewed > rebuild_lease_length;
        }
        if (lost_) {
            on_change_(true);
        }
        lock.lock();
        ending_.wait_for(lock, renewal_interval, [this] { return ended_; });
    }
}

void rebuild_lease::renew(postgres::session& database, double events_per_second) {
    const auto length = static_cast<double>(rebuild_lease_length.count());
    const auto told = database.query(
        renew_sql,
        postgres::params::of(
            order_.projection, order_.term, length, events_per_second, throttled_.load()
        )
    );
    if (told.empty()) {
        lost_ = true;
        return;
    }
    const auto wish = events::json::enum_value<rebuild_wish>(told.get<std::string_view>(0, 0));
    if (wish && *wish != wish_) {
        wish_ = *wish;
        on_change_(false);
    }
}

}  // namespace teamflow::projections
