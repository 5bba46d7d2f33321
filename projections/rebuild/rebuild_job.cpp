#include "projections/rebuild/rebuild_job.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "infra/failpoint.hpp"
#include "projections/rebuild/brake.hpp"
#include "projections/rebuild/comparison.hpp"
#include "projections/rebuild/held_build.hpp"
#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

/// A build is close enough to the log's end to be compared and swapped: what is left is folded
/// while the live build is held.
constexpr std::int64_t close_enough = 2000;
/// How long the live build is held while the archive comes to its end.
constexpr std::chrono::seconds archive_patience{3};
constexpr std::chrono::milliseconds archive_poll{5};
constexpr std::chrono::milliseconds retry_pause{500};

const std::string swap_sql =
    "update teamflow.projections set build = $2, version = $3, fingerprint = $4, status = 'live', "
    "error = null, target = '', live_at = now(), previous_build = build, "
    "previous_until = now() + make_interval(secs => $5) where name = $1";

std::string text_of(const std::vector<partition_checkpoint>& checkpoints) {
    std::string out;
    for (const auto& each : checkpoints) {
        if (each.at.at >= 0) {
            out +=
                (out.empty() ? "" : ",") + to_string(events::position{each.partition, each.at.at});
        }
    }
    return out;
}

}  // namespace

rebuild_job::rebuild_job(const rebuild_options& on, rebuild_order order, const projection& what)
    : on_(on),
      order_(std::move(order)),
      what_(what),
      given_up_with_(on.database.given_up, [this] { giving_up_.request_stop(); }),
      place_(on.database.url, giving_up_.get_token()),
      database_(fold_session(place_)) {
    lease_ = std::make_unique<rebuild_lease>(place_, order_, [this](bool is_lost) {
        changed_.notify_all();
        if (is_lost) {
            giving_up_.request_stop();
        }
    });
}

void rebuild_job::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    giving_up_.request_stop();
}

void rebuild_job::run() {
    try {
        look();
        if (order_.stage == rebuild_stage::waiting) {
            begin();
        }
        read_checkpoints();
        go_on();
    } catch (const aborted&) {
        abort();
    } catch (const infra::postgres_error& error) {
        // A statement that was cut off because this is to end is no error of its own.
        look();
        if (error.sqlstate() == fenced_sqlstate) {
            throw rebuild_left(error.message());
        }
        throw;
    }
}

void rebuild_job::go_on() {
    using enum rebuild_stage;
    if (order_.stage == folding) {
        fold();
        enter(indexing);
    }
    if (order_.stage == indexing) {
        index();
    }
    enter(catching_up);
    catch_up();
    enter(comparing);
    compare();
    enter(swapping);
    do {
        catch_up();
    } while (!swap());
}

void rebuild_job::enter(rebuild_stage next) {
    if (order_.stage != next) {
        enter_stage(database_, order_, next);
        order_.stage = next;
        spdlog::info("rebuild of {}: {}", what_.name, events::json::enum_name(next));
    }
}

/// Throws when the work is to end here; waits as long as it is to pause. From any thread.
void rebuild_job::look() {
    await_pause();
    const std::lock_guard lock(mutex_);
    if (stopping_) {
        throw rebuild_left("the process stops");
    }
    if (lease_->is_lost()) {
        throw rebuild_left("another process has taken it over");
    }
    if (lease_->wish() == rebuild_wish::abort) {
        throw aborted{};
    }
}

void rebuild_job::await_pause() {
    std::unique_lock lock(mutex_);
    while (!stopping_ && !lease_->is_lost() && lease_->wish() == rebuild_wish::pause) {
        changed_.wait_for(lock, retry_pause);
    }
}

void rebuild_job::begin() {
    if (order_.is_undo) {
        enter(rebuild_stage::catching_up);
        return;
    }
    make_tables(database_, what_, order_.schema());
    postgres::transaction whole(database_);
    hold_term(database_, order_);
    database_.query(
        "update teamflow.rebuilds set target = $2 where projection = $1",
        {what_.name, text_of(archive_ends())}
    );
    enter_stage(database_, order_, rebuild_stage::folding);
    whole.commit();
    order_.stage = rebuild_stage::folding;
}

void rebuild_job::read_checkpoints() {
    at_ = checkpoints_of_build(database_, what_.name, order_.build);
}

std::vector<partition_checkpoint> rebuild_job::archive_ends() {
    if (at_.empty()) {
        read_checkpoints();
    }
    std::vector<partition_checkpoint> ends;
    ends.reserve(at_.size());
    for (const auto& each : at_) {
        ends.push_back({each.partition, archived_until(database_, each.partition)});
    }
    return ends;
}

fold_target rebuild_job::target() {
    return {
        .database = place_,
        .schema = order_.schema(),
        .build = order_.build,
        .note =
            [this](
                postgres::session& on,
                events::partition_id partition,
                const events::checkpoint& until,
                std::int64_t offsets
            ) {
                infra::failpoint("rebuild.in_piece");
                hold_term(on, order_);
                move_checkpoint(on, order_, partition, until);
                lease_->count(offsets);
            },
        .between = [this] { look(); },
        .parked_keys = parked_keys_of_build(database_, what_.name, order_.build),
        .set_aside = {},
        .skipped = skipped_places(database_, what_.name),
        .how = on_.how
    };
}

void rebuild_job::fold() {
    auto into = target();
    brake for_live_work(
        database_,
        {.look = [this] { look(); },
         .tell = [this](bool is_on) { lease_->set_throttled(is_on); },
         .wait =
             [this](std::chrono::milliseconds step) {
                 std::unique_lock lock(mutex_);
                 changed_.wait_for(lock, step, [this] { return stopping_; });
             }}
    );
    into.between = [&] { for_live_work.give_way(); };
    const auto goals = archive_ends();
    fold_partitions(what_, into, at_, goals, fold_threads());
}

void rebuild_job::index() {
    postgres::transaction whole(database_);
    hold_term(database_, order_);
    make_indexes(database_, what_, order_.schema());
    enter_stage(database_, order_, rebuild_stage::catching_up);
    whole.commit();
    order_.stage = rebuild_stage::catching_up;
}

/// Within a few moments of the log's end.
void rebuild_job::catch_up() {
    for (;;) {
        look();
        const auto goals = archive_ends();
        std::int64_t behind = 0;
        for (std::size_t i = 0; i < at_.size(); ++i) {
            behind += goals[i].at.at - at_[i].at.at;
        }
        follow_to(goals);
        if (behind < close_enough) {
            return;
        }
    }
}

void rebuild_job::follow_to(const std::vector<partition_checkpoint>& goals) {
    if (!has_come_to(goals)) {
        fold_partitions(what_, target(), at_, goals, 1);
    }
}

bool rebuild_job::has_come_to(const std::vector<partition_checkpoint>& goals) const {
    return std::ranges::equal(at_, goals, [](const auto& own, const auto& goal) {
        return own.partition == goal.partition && own.at.at >= goal.at.at;
    });
}

/// Lets the live build come as far as this one, before it is held again.
void rebuild_job::give_way() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, archive_poll, [this] { return stopping_; });
}

/// Whether the archive holds all of these places within its time.
bool rebuild_job::await_archive(const std::vector<events::position>& wanted) {
    const auto deadline = steady_clock::now() + archive_patience;
    for (const auto& each : wanted) {
        while (archived_until(database_, each.partition).at < each.at) {
            if (steady_clock::now() > deadline) {
                return false;
            }
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, archive_poll, [this] { return stopping_; });
        }
    }
    return true;
}

void rebuild_job::abort() {
    if (!order_.is_undo) {
        postgres::transaction whole(database_);
        hold_term(database_, order_);
        database_.execute(
            "drop schema if exists " + postgres::quoted_name(order_.schema()) + " cascade"
        );
        whole.commit();
    }
    enter(rebuild_stage::aborted);
}

/// Both builds at the same place: the live one is held until a snapshot of it is taken, which then
/// may be looked at for as long as it takes.
void rebuild_job::compare() {
    postgres::session looking(place_);
    std::optional<postgres::transaction> snapshot;
    comparison made;
    while (!snapshot) {
        look();
        give_way();
        postgres::session holding(place_);
        const held_build live(holding, what_);
        std::vector<events::position> places;
        places.reserve(live.checkpoints().size());
        for (const auto& each : live.checkpoints()) {
            places.push_back({each.partition, each.at.at});
        }
        if (live.is_behind(at_) || !await_archive(places)) {
            continue;
        }
        follow_to(live.checkpoints());
        snapshot.emplace(looking, "isolation level repeatable read, read only");
        // The snapshot is taken by the first statement.
        looking.execute("select");
        made.parked = static_cast<std::int64_t>(live.parked().size());
    }
    const auto parked = made.parked;
    made = compare_builds(looking, what_, what_.name, order_.schema());
    made.parked = parked;
    database_.query(
        "update teamflow.rebuilds set comparison = $2::json where projection = $1",
        {what_.name, events::json::to_json(made)}
    );
    if (!made.equal) {
        spdlog::warn("rebuild of {}: the live build differs", what_.name);
    }
}

/// False when the live build could not be held for as long as it takes: to be tried again.
bool rebuild_job::swap() {
    postgres::session holding(place_);
    held_build live(holding, what_);
    const auto ends = on_.log_ends();
    if (!ends || !await_archive(*ends)) {
        spdlog::warn("rebuild of {}: the log or its archive is away; the swap waits", what_.name);
        return false;
    }
    follow_to(archive_ends());
    if (!has_come_to(live.checkpoints())) {
        return false;
    }
    hold_term(holding, order_);
    infra::failpoint("rebuild.before_swap");
    take_place_of(live, holding);
    live.commit();
    infra::failpoint("rebuild.after_swap");
    order_.stage = rebuild_stage::done;
    spdlog::info("rebuild of {}: build {} is live", what_.name, order_.build);
    return true;
}

void rebuild_job::take_place_of(const held_build& live, postgres::session& holding) {
    const auto rename = [&](const std::string& from, const std::string& to) {
        holding.execute(fmt::format(
            "alter schema {} rename to {}", postgres::quoted_name(from), postgres::quoted_name(to)
        ));
    };
    rename(what_.name, schema_of_build(what_.name, live.build()));
    infra::failpoint("rebuild.mid_swap");
    rename(order_.schema(), what_.name);
    const auto keep = static_cast<double>(order_.keep_seconds);
    holding.query(
        swap_sql,
        postgres::params::of(
            what_.name, order_.build, std::int32_t{what_.version}, what_.fingerprint(), keep
        )
    );
    enter_stage(holding, order_, rebuild_stage::done);
    std::vector<events::position> reached;
    reached.reserve(at_.size());
    for (const auto& each : at_) {
        reached.push_back({each.partition, each.at.at});
    }
    // Who waits for a place that the new build has read hears of it by nothing else.
    holding.query(std::string(notify_progress.sql), {progress_notice(what_.name, reached)});
}

}  // namespace teamflow::projections
