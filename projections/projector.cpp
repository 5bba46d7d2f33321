#include "projections/projector.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "infra/failpoint.hpp"
#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

/// How long the reader waits before it looks for stop() and measures the lag anew.
constexpr std::chrono::milliseconds idle_limit{500};
/// Batches that change no row save their checkpoints together, this often.
constexpr std::chrono::milliseconds checkpoint_interval{100};
/// How often a build that is behind in others' partitions is looked at.
constexpr std::chrono::milliseconds settle_interval{500};
constexpr std::chrono::hours until_told{24};

/// Another projector moved the checkpoint: what this one knows is stale.
class fenced_out : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Another build has taken the place of the one that was built.
class build_replaced : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::vector<partition_checkpoint> checkpoints_of(
    const std::vector<partition_checkpoint>& all, const std::vector<events::partition_id>& ours
) {
    std::vector<partition_checkpoint> out;
    std::ranges::copy_if(all, std::back_inserter(out), [&](const partition_checkpoint& each) {
        return std::ranges::find(ours, each.partition) != ours.end();
    });
    return out;
}

}  // namespace

/// What one stretch of work needs, between two errors or assignments.
struct projector::work {
    std::uint64_t assignment = 0;
    std::shared_ptr<postgres::connection> database;
    std::int64_t build = 0;
    std::vector<events::position> target;
    bool live = false;
    projector_step step;
    infra::log_reader reader;
    bool busy = false;
    /// When the last batch began to be written.
    steady_clock::time_point batch_at;
    steady_clock::time_point saved_at;
    steady_clock::time_point settled_at;

    /// Whether it is time to save checkpoints even if no row changed.
    [[nodiscard]] bool is_due() const {
        return steady_clock::now() - saved_at >= checkpoint_interval;
    }

    /// How long what was read waits for more. Batches that are large already gather some more;
    /// small ones that follow each other closely keep their distance; a lone command is served at
    /// once.
    [[nodiscard]] steady_clock::duration pause(steady_clock::duration linger) const {
        if (busy) {
            return linger;
        }
        const auto since = steady_clock::now() - batch_at;
        return std::max(linger - since, steady_clock::duration::zero());
    }

    [[nodiscard]] bool must_save() const { return step.has_unsaved_checkpoints() && is_due(); }

    /// Whether nothing but others' partitions can keep the build from being live, and it is time
    /// to ask for them.
    [[nodiscard]] bool may_settle() const {
        if (live || step.has_unsaved_checkpoints() ||
            steady_clock::now() - settled_at < settle_interval) {
            return false;
        }
        return std::ranges::all_of(step.positions(), [this](const events::position& reached) {
            const auto goal =
                std::ranges::find(target, reached.partition, &events::position::partition);
            return goal == target.end() || reached.at >= goal->at;
        });
    }
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
      told_(std::make_shared<infra::wakeup>(executor)),
      news_(std::make_shared<infra::wakeup>(std::move(executor))) {}

void projector::assign(std::vector<events::partition_id> partitions) {
    std::ranges::sort(partitions);
    {
        const std::lock_guard lock(mutex_);
        if (assignments_ != 0 && partitions == assigned_) {
            return;
        }
        assigned_ = std::move(partitions);
        ++assignments_;
    }
    interrupt();
}

void projector::stop() {
    stopping_ = true;
    interrupt();
}

void projector::interrupt() {
    told_->signal();
    news_->signal();
}

projector::assignment projector::newest_assignment() const {
    const std::lock_guard lock(mutex_);
    return {.number = assignments_, .partitions = assigned_};
}

bool projector::is_over(const work& now) const {
    return stopping_ || now.assignment != assignments_;
}

infra::task<> projector::run() {
    auto delay = options_.retry_min;
    std::string failure;
    while (!stopping_) {
        auto ours = newest_assignment();
        if (ours.partitions.empty()) {
            metrics_.status =
                ours.number == 0 ? projector_status::starting : projector_status::standby;
            co_await told_->wait(until_told);
            continue;
        }
        const auto batches_before = metrics_.batches.load();
        const auto failure_before = std::exchange(failure, {});
        bool final = false;
        try {
            co_await serve(std::move(ours));
        } catch (const projection_stopped& error) {
            final = true;
            failure = error.what();
        } catch (const failed_build& error) {
            final = true;
            failure = error.what();
        } catch (const newer_build& error) {
            final = true;
            failure = error.what();
        } catch (const build_replaced& error) {
            spdlog::info("projection {}: {}", what_.name, error.what());
        } catch (const fenced_out& error) {
            failure = error.what();
            if (options_.fenced) {
                options_.fenced();
            }
        } catch (const std::exception& error) {
            failure = error.what();
        }
        metrics_.partitions = 0;
        {
            const std::lock_guard lock(mutex_);
            reached_.clear();
        }
        if (stopping_ || failure.empty()) {
            continue;
        }
        delay = metrics_.batches == batches_before ? std::min(delay * 2, options_.retry_max)
                                                   : options_.retry_min;
        metrics_.status = final ? projector_status::failed : projector_status::starting;
        ++metrics_.restarts;
        if (!final) {
            spdlog::warn("projection {} begins again: {}", what_.name, failure);
        } else if (failure != failure_before) {
            spdlog::error("projection {} stopped: {}", what_.name, failure);
        }
        const auto pause = final ? options_.retry_max : delay;
        co_await told_->wait(pause);
    }
}

infra::task<> projector::serve(assignment ours) {
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
    auto opened = co_await open(*database);
    opened.state.checkpoints = checkpoints_of(opened.state.checkpoints, ours.partitions);
    std::vector<events::position> from;
    from.reserve(opened.state.checkpoints.size());
    for (const auto& each : opened.state.checkpoints) {
        from.push_back({each.partition, each.at.at + 1});
    }
    const auto build = opened.state.build;
    metrics_.parked_commits = opened.state.parked_commits;
    work now{
        .assignment = ours.number,
        .database = database,
        .build = build,
        .target = std::move(opened.target),
        .live = opened.live,
        .step = projector_step(what_, opened.state, options_.limits),
        .reader = infra::log_reader(log_, news_, from),
        .busy = false,
        .batch_at = {},
        .saved_at = {},
        .settled_at = {}
    };
    metrics_.partitions = static_cast<std::int64_t>(from.size());
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

infra::task<opened_build> projector::open(postgres::connection& database) {
    const auto ends = co_await log_.ends();
    std::vector<events::position> places;
    places.reserve(ends.size());
    for (const auto end : ends) {
        places.push_back({static_cast<events::partition_id>(places.size()), end});
    }
    auto opened = co_await open_build(database, what_, std::move(places), stopped_);
    stopped_ = stopped_build::leave;
    if (!opened.reason.empty()) {
        const auto level = opened.state.build == 1 ? spdlog::level::info : spdlog::level::warn;
        spdlog::log(
            level, "projection {} is built from the log's start: {}", what_.name, opened.reason
        );
    }
    co_return opened;
}

infra::task<> projector::follow(work& now) {
    positions_.restore(what_.name, now.step.positions());
    metrics_.status = now.live ? projector_status::live : projector_status::rebuilding;
    co_await settle_status(now);
    while (!is_over(now)) {
        co_await read(now);
        while (!is_over(now) && (now.step.has_work() || now.must_save())) {
            co_await prepare_and_write(now);
        }
        co_await settle_status(now);
        note_reached(now.step);
    }
}

infra::task<> projector::read(work& now) {
    const auto limit = now.step.has_unsaved_checkpoints() ? checkpoint_interval : idle_limit;
    const std::size_t most = options_.limits.max_batch_events;
    auto batches = co_await now.reader.next(most, limit);
    for (const auto& batch : batches) {
        now.step.add(batch.partition, batch.records);
    }
    const auto pause = now.pause(options_.linger);
    if (pause > steady_clock::duration::zero() && !batches.empty() && now.step.queued() < most) {
        co_await told_->wait(pause);
        batches = co_await now.reader.next(most, std::chrono::milliseconds(0));
        for (const auto& batch : batches) {
            now.step.add(batch.partition, batch.records);
        }
    }
}

infra::task<> projector::prepare_and_write(work& now) {
    const auto begun = steady_clock::now();
    now.batch_at = begun;
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
            infra::failpoint("projector.before_commit");
            co_await now.database->atomically(now.step.changes());
            infra::failpoint("projector.after_commit");
            now.saved_at = begun;
            saved = true;
        }
    } catch (const infra::postgres_error& error) {
        if (error.sqlstate() == fenced_sqlstate) {
            throw fenced_out(error.message());
        }
        if (error.sqlstate() == replaced_sqlstate) {
            throw build_replaced(error.message());
        }
        if (!error.is_about_data()) {
            throw;
        }
        refusal = error.what();
    }
    if (!refusal.empty()) {
        now.step.refused(refusal);
        co_return;
    }
    const auto summary = saved ? now.step.flushed() : now.step.passed();
    positions_.advance(what_.name, now.step.positions());
    now.busy = summary.events > 16;
    count(summary, steady_clock::now() - begun);
    metrics_.ghosts = now.step.ghosts();
}

infra::task<> projector::settle_status(work& now) {
    if (!now.may_settle()) {
        co_return;
    }
    now.settled_at = steady_clock::now();
    now.live = co_await settle_build(*now.database, what_, now.build, now.target);
    if (now.live) {
        metrics_.status = projector_status::live;
        spdlog::info("projection {} is live", what_.name);
    }
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
        const std::lock_guard lock(mutex_);
        newest_ = batch.newest;
    }
    if (batch.parked != 0) {
        spdlog::error("projection {} parked {} commits", what_.name, batch.parked);
    }
}

void projector::note_reached(const projector_step& step) {
    auto reached = step.positions();
    const std::lock_guard lock(mutex_);
    reached_ = std::move(reached);
}

partition_lag projector::lag_at(
    const events::position& reached, std::optional<events::timestamp> newest
) const {
    partition_lag lag{.partition = reached.partition};
    const auto& tail = log_.tail();
    lag.events =
        std::max<std::int64_t>(tail.known_end(reached.partition).value_or(-1) - reached.at, 0);
    if (lag.events > 0) {
        const auto next = tail.read(reached.partition, reached.at + 1, 1);
        const auto now = clock_.now();
        const auto since = next && !next->empty() ? next->front()->head.time : newest.value_or(now);
        lag.age = std::max(now - since, std::chrono::milliseconds(0));
    }
    return lag;
}

std::vector<partition_lag> projector::lags() const {
    std::unique_lock lock(mutex_);
    const auto all = reached_;
    const auto newest = newest_;
    lock.unlock();
    std::vector<partition_lag> lags;
    lags.reserve(all.size());
    for (const auto& reached : all) {
        lags.push_back(lag_at(reached, newest));
    }
    return lags;
}

}  // namespace teamflow::projections
