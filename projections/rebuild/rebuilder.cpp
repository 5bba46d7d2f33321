#include "projections/rebuild/rebuilder.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds look_interval{500};
constexpr std::chrono::seconds retry_interval{2};
constexpr std::chrono::minutes tidy_interval{1};

/// What is to be done about it, for whom it does not say.
std::string advice(const infra::postgres_error& error, const std::string& projection) {
    const auto* const what = error.is_storage_full() ? "make room on PostgreSQL's disk, then " : "";
    return fmt::format(
        "{}; the live read model is as it was: {}`teamflow rebuild {} --resume` goes on, `--abort` "
        "gives up",
        error.what(),
        what,
        projection
    );
}

const std::string expired_sql =
    "with expired as (update teamflow.projections set previous_build = null, previous_until = null "
    "where previous_until < now() returning name, build) "
    "select teamflow.drop_builds(name, array_remove(array[build, (select r.build "
    "from teamflow.rebuilds r where r.projection = name and r.stage not in ('done', 'aborted'))], "
    "null)) from expired";

/// Others need not wait for the end of the lease.
const std::string release_sql =
    "update teamflow.rebuilds set holder = '', lease_until = '-infinity' "
    "where projection = $1 and holder = $2";

}  // namespace

/// Lets stop() reach the job for as long as this lives.
class rebuilder::under_way {
public:
    under_way(rebuilder& at, rebuild_job& job) : at_(at) {
        const std::lock_guard lock(at_.mutex_);
        at_.job_ = &job;
        if (at_.worker_.is_stopping()) {
            job.stop();
        }
    }

    ~under_way() {
        const std::lock_guard lock(at_.mutex_);
        at_.job_ = nullptr;
    }

    under_way(const under_way&) = delete;
    under_way& operator=(const under_way&) = delete;

private:
    rebuilder& at_;
};

rebuilder::rebuilder(rebuild_options on, std::span<const projection> known)
    : on_(std::move(on)), known_(known), worker_(on_.database.url) {
    on_.database = worker_.database();
    worker_.start([this] { run(); });
}

void rebuilder::ask_to_stop() {
    worker_.ask_to_stop();
    const std::lock_guard lock(mutex_);
    if (job_ != nullptr) {
        job_->stop();
    }
}

void rebuilder::stop(std::chrono::milliseconds patience) {
    ask_to_stop();
    worker_.stop(patience);
}

void rebuilder::run() {
    std::optional<postgres::session> database;
    auto tidied = steady_clock::time_point::min();
    while (!worker_.is_stopping()) {
        try {
            if (!database) {
                database.emplace(on_.database);
            }
            if (!work_one_off(*database)) {
                worker_.pause(look_interval);
            }
            if (steady_clock::now() - tidy_interval > tidied) {
                tidied = steady_clock::now();
                tidy_up(*database);
            }
        } catch (const infra::postgres_error& error) {
            spdlog::warn("rebuilds wait: {}", error.what());
            database.reset();
            worker_.pause(retry_interval);
        }
    }
}

bool rebuilder::work_one_off(postgres::session& database) {
    const auto order = take_rebuild(database, worker_.name());
    if (!order) {
        return false;
    }
    try {
        work_off(database, *order);
    } catch (const rebuild_left& why) {
        spdlog::info("rebuild of {} is left: {}", order->projection, why.what());
        database.query(release_sql, {order->projection, worker_.name()});
        worker_.pause(look_interval);
    }
    return true;
}

void rebuilder::work_off(postgres::session& database, const rebuild_order& order) {
    const auto what = std::ranges::find(known_, order.projection, &projection::name);
    if (what == known_.end()) {
        note_error(database, order, "this version of teamflow does not know the projection");
        return;
    }
    std::string failure;
    try {
        rebuild_job job(on_, order, *what);
        const under_way noted(*this, job);
        job.run();
    } catch (const infra::postgres_error& error) {
        if (error.is_connection_lost()) {
            throw;
        }
        failure = advice(error, order.projection);
    } catch (const rebuild_left&) {
        throw;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (!failure.empty()) {
        spdlog::error("rebuild of {} stands still: {}", order.projection, failure);
        note_error(database, order, failure);
    }
}

void rebuilder::tidy_up(postgres::session& database) {
    database.query(expired_sql);
    drop_expired_schemas(database);
}

}  // namespace teamflow::projections
