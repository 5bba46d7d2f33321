#include "projections/projector.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

/// How long the reader waits before it looks for stop() and measures the lag anew.
constexpr std::chrono::milliseconds idle_limit{500};
/// Batches that change no row save their checkpoints together, this often.
constexpr std::chrono::milliseconds checkpoint_interval{100};
constexpr std::chrono::milliseconds standby_interval{1000};

constexpr postgres::statement take_lead{
    "take_lead", "select pg_try_advisory_lock(hashtextextended('teamflow.projector.' || $1, 0))"
};

/// Another projector moved the checkpoint: what this one knows is stale.
class fenced : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Whether the server refused the data itself, so that trying again cannot help: bad values,
/// violated constraints, limits of the program (PostgreSQL manual, appendix A).
bool is_about_data(const infra::postgres_error& error) {
    const auto state = error.sqlstate();
    return !error.is_connection_lost() && (state.starts_with("22") || state.starts_with("23") ||
                                           state.starts_with("21") || state.starts_with("54"));
}

}  // namespace

/// What one stretch of work between two errors needs.
struct projector::work {
    std::shared_ptr<postgres::connection> database;
    std::int64_t build = 0;
    std::vector<events::position> target;
    bool live = false;
    projector_step step;
    infra::log_reader reader;
    bool busy = false;
    steady_clock::time_point saved_at;

    /// Whether it is time to save checkpoints even if no row changed.
    [[nodiscard]] bool is_due() const {
        return steady_clock::now() - saved_at >= checkpoint_interval;
    }

    [[nodiscard]] bool must_save() const { return step.has_unsaved_checkpoints() && is_due(); }
};

projector::projector(
    infra::asio::any_io_executor executor,
    const projection& what,
    infra::event_log& log,
    read_position& positions,
    const infra::clock& clock,
    projector_options options
)
    : executor_(executor),
      what_(what),
      log_(log),
      positions_(positions),
      clock_(clock),
      options_(std::move(options)),
      stopped_(std::make_shared<infra::wakeup>(std::move(executor))) {}

void projector::stop() {
    stopping_ = true;
    stopped_->signal();
    infra::asio::post(executor_, [this] {
        if (reader_ != nullptr) {
            reader_->interrupt();
        }
    });
}

infra::task<> projector::run() {
    auto delay = options_.retry_min;
    while (!stopping_) {
        const auto batches_before = metrics_.batches.load();
        bool final = false;
        std::string failure;
        try {
            co_await serve();
        } catch (const projection_stopped& error) {
            final = true;
            failure = error.what();
        } catch (const newer_build& error) {
            final = true;
            failure = error.what();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (stopping_) {
            break;
        }
        delay = metrics_.batches == batches_before ? std::min(delay * 2, options_.retry_max)
                                                   : options_.retry_min;
        metrics_.status = final ? projector_status::failed : projector_status::starting;
        ++metrics_.restarts;
        if (final) {
            spdlog::error("projection {} stopped: {}", what_.name, failure);
        } else {
            spdlog::warn("projection {} begins again: {}", what_.name, failure);
        }
        const auto pause = final ? std::chrono::hours(24) : steady_clock::duration(delay);
        co_await stopped_->wait(pause);
    }
}

infra::task<> projector::serve() {
    postgres::connection_options options;
    options.settings = {
        {"synchronous_commit", "off"},
        {"application_name", "teamflow projector " + what_.name},
    };
    auto database =
        co_await postgres::connection::open(executor_, options_.postgres_url, std::move(options));
    const std::unique_ptr<postgres::connection, void (*)(postgres::connection*)> closing(
        database.get(), [](postgres::connection* each) { each->close(); }
    );
    const bool leads = co_await lead(*database);
    if (!leads) {
        co_return;
    }
    auto end = co_await log_end();
    auto opened = co_await open_build(*database, what_, std::move(end));
    if (!opened.reason.empty()) {
        const auto level = opened.state.build == 1 ? spdlog::level::info : spdlog::level::warn;
        spdlog::log(
            level, "projection {} is built from the log's start: {}", what_.name, opened.reason
        );
    }
    std::vector<events::position> from;
    from.reserve(opened.state.checkpoints.size());
    for (const auto& each : opened.state.checkpoints) {
        from.push_back({each.partition, each.at.at + 1});
    }
    const auto build = opened.state.build;
    work now{
        .database = database,
        .build = build,
        .target = std::move(opened.target),
        .live = opened.live,
        .step = projector_step(what_, opened.state, options_.limits),
        .reader = infra::log_reader(log_, executor_, from),
        .busy = false,
        .saved_at = {}
    };
    reader_ = &now.reader;
    const std::unique_ptr<infra::log_reader*, void (*)(infra::log_reader**)> leaving(
        &reader_, [](infra::log_reader** each) { *each = nullptr; }
    );
    std::string reason;
    std::exception_ptr stopped;
    try {
        co_await follow(now);
    } catch (const projection_stopped& error) {
        reason = error.what();
        stopped = std::current_exception();
    }
    if (stopped) {
        co_await mark_failed(*database, what_, build, std::move(reason));
        std::rethrow_exception(stopped);
    }
}

infra::task<bool> projector::lead(postgres::connection& database) {
    while (options_.exclusive && !stopping_) {
        const auto answer = co_await database.query(take_lead, postgres::params::of(what_.name));
        if (answer.get<bool>(0, 0)) {
            break;
        }
        metrics_.status = projector_status::standby;
        co_await stopped_->wait(standby_interval);
    }
    co_return !stopping_;
}

infra::task<std::vector<events::position>> projector::log_end() {
    const auto ends = co_await log_.ends();
    std::vector<events::position> places;
    places.reserve(ends.size());
    for (const auto end : ends) {
        places.push_back({static_cast<events::partition_id>(places.size()), end});
    }
    co_return places;
}

infra::task<> projector::follow(work& now) {
    positions_.restore(what_.name, now.step.positions());
    metrics_.status = now.live ? projector_status::live : projector_status::rebuilding;
    co_await settle_status(now);
    while (!stopping_) {
        co_await read(now);
        while (!stopping_ && (now.step.has_work() || now.must_save())) {
            const bool written = co_await prepare_and_write(now);
            if (written) {
                co_await settle_status(now);
            }
        }
        measure_lag(now.step);
    }
}

infra::task<> projector::read(work& now) {
    const auto limit = now.step.has_unsaved_checkpoints() ? checkpoint_interval : idle_limit;
    const std::size_t most = options_.limits.max_batch_events;
    auto batches = co_await now.reader.next(most, limit);
    for (const auto& batch : batches) {
        now.step.add(batch.partition, batch.records);
    }
    if (now.busy && !batches.empty() && now.step.queued() < most) {
        co_await stopped_->wait(options_.linger);
        batches = co_await now.reader.next(most, std::chrono::milliseconds(0));
        for (const auto& batch : batches) {
            now.step.add(batch.partition, batch.records);
        }
    }
}

infra::task<bool> projector::prepare_and_write(work& now) {
    const auto begun = steady_clock::now();
    std::string refusal;
    bool saved = false;
    try {
        auto needed = now.step.prepare();
        while (needed == projector_step::need::load) {
            const auto answers = co_await now.database->atomically(now.step.loads());
            now.step.loaded(answers);
            needed = now.step.prepare();
        }
        if (now.step.has_changes() || now.is_due()) {
            co_await now.database->atomically(now.step.changes());
            now.saved_at = begun;
            saved = true;
        }
    } catch (const infra::postgres_error& error) {
        if (error.sqlstate() == fenced_sqlstate) {
            throw fenced(error.message());
        }
        if (!is_about_data(error)) {
            throw;
        }
        refusal = error.what();
    }
    if (!refusal.empty()) {
        now.step.refused(refusal);
        co_return false;
    }
    const auto summary = saved ? now.step.flushed() : now.step.passed();
    positions_.advance(what_.name, now.step.positions());
    // A stream of small batches is where lingering pays; a lone command is served at once.
    now.busy = summary.events > 16;
    count(summary, steady_clock::now() - begun);
    metrics_.ghosts = now.step.ghosts();
    co_return true;
}

infra::task<> projector::settle_status(work& now) {
    if (now.live) {
        co_return;
    }
    const auto reached = now.step.positions();
    for (const auto& goal : now.target) {
        const auto mine = std::ranges::find(reached, goal.partition, &events::position::partition);
        if (mine == reached.end() || mine->at < goal.at) {
            co_return;
        }
    }
    co_await mark_live(*now.database, what_, now.build);
    now.live = true;
    metrics_.status = projector_status::live;
    spdlog::info("projection {} is live", what_.name);
}

void projector::count(const batch_summary& batch, steady_clock::duration took) {
    metrics_.events += static_cast<std::int64_t>(batch.events);
    metrics_.rows += static_cast<std::int64_t>(batch.rows);
    metrics_.parked_commits += static_cast<std::int64_t>(batch.parked);
    metrics_.unknown_events += static_cast<std::int64_t>(batch.unknown);
    if (batch.events != 0) {
        metrics_.batch_sizes.observe(batch.events);
        metrics_.batch_latency.observe(took);
    }
    ++metrics_.batches;
    if (batch.newest) {
        newest_ = batch.newest;
    }
    if (batch.parked != 0) {
        spdlog::error("projection {} parked {} commits", what_.name, batch.parked);
    }
}

void projector::measure_lag(const projector_step& step) {
    std::int64_t lag = 0;
    for (const auto& reached : step.positions()) {
        if (const auto end = log_.tail().known_end(reached.partition)) {
            lag += std::max<std::int64_t>(*end - reached.at, 0);
        }
    }
    metrics_.lag_events = lag;
    const auto age = newest_ ? (clock_.now() - *newest_).count() : 0;
    metrics_.lag_ms = lag == 0 ? 0 : std::max<std::int64_t>(age, 0);
}

}  // namespace teamflow::projections
