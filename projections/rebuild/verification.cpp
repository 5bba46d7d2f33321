#include "projections/rebuild/verification.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "projections/rebuild/brake.hpp"
#include "projections/rebuild/held_build.hpp"
#include "projections/rebuild/partition_folds.hpp"
#include "projections/rebuild/rebuild_order.hpp"
#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::hours scratch_life{6};
constexpr std::chrono::milliseconds live_poll{5};
/// How long the live build may take to come as far as the fold.
constexpr std::chrono::seconds live_patience{60};
/// Events that began to wait, or ended to, while the fold was made: it is made again.
constexpr int attempts = 3;

enum class held { compared, ahead, changed };

/// A fold of everything beside the live build.
class fresh_fold {
public:
    fresh_fold(
        const postgres::endpoint& place, const projection& what, std::function<void()> between
    )
        : place_(place),
          what_(what),
          between_(std::move(between)),
          database_(fold_session(place)),
          schema_(database_, fresh_scratch_name(what.name), "verify " + what.name, scratch_life) {}

    /// Nullopt when other events wait in the live build than at the start.
    std::optional<comparison> compare() {
        make_tables(database_, what_, schema_.name());
        waiting_ = begin();
        fold_patiently();
        postgres::session looking(place_);
        std::optional<postgres::transaction> snapshot;
        auto state = held::ahead;
        const auto deadline = steady_clock::now() + live_patience;
        while (state == held::ahead) {
            if (steady_clock::now() > deadline) {
                throw std::runtime_error(what_.name + " does not follow the log; see its status");
            }
            std::this_thread::sleep_for(live_poll);
            state = hold_and_look(looking, snapshot);
        }
        if (state == held::changed) {
            return std::nullopt;
        }
        auto made = compare_builds(looking, what_, what_.name, schema_.name());
        made.parked = static_cast<std::int64_t>(waiting_.size());
        return made;
    }

private:
    /// To the end of the archive as it is now, which is nearly all there is to fold.
    void fold_patiently() {
        brake for_live_work(
            database_,
            {.look =
                 [this] {
                     if (between_) {
                         between_();
                     }
                 },
             .tell =
                 [this](bool is_on) {
                     spdlog::info(
                         "verify {}: live read models {}",
                         what_.name,
                         is_on ? "are behind: it gives way" : "have caught up: it goes on"
                     );
                 },
             .wait = [](std::chrono::milliseconds step) { std::this_thread::sleep_for(step); }}
        );
        target_.between = [&] { for_live_work.give_way(); };
        fold_partitions(what_, target_, at_, archive_ends(), fold_threads());
        // Nothing is given way while the live build is held.
        target_.between = between_;
    }

    /// Brings the fold to the very place of the live build, and takes a snapshot of both.
    held hold_and_look(postgres::session& looking, std::optional<postgres::transaction>& snapshot) {
        const held_build live(database_held_, what_);
        if (live.parked() != waiting_) {
            return held::changed;
        }
        if (live.is_behind(at_)) {
            return held::ahead;
        }
        for (const auto& each : live.checkpoints()) {
            await_archive(database_, each);
        }
        fold_partitions(what_, target_, at_, live.checkpoints(), 1);
        snapshot.emplace(looking, "isolation level repeatable read, read only");
        // The snapshot is taken by the first statement.
        looking.execute("select");
        return held::compared;
    }

    std::set<place> begin() {
        const held_build live(database_held_, what_);
        for (const auto& each : live.checkpoints()) {
            at_.push_back({each.partition, {}});
        }
        target_ = {
            .database = place_,
            .schema = schema_.name(),
            .build = 0,
            .note = {},
            .between = between_,
            .parked_keys = {},
            .set_aside = live.parked(),
            .skipped = skipped_places(database_, what_.name),
            .how = {}
        };
        return live.parked();
    }

    std::vector<partition_checkpoint> archive_ends() {
        std::vector<partition_checkpoint> ends;
        ends.reserve(at_.size());
        for (const auto& each : at_) {
            ends.push_back({each.partition, archived_until(database_, each.partition)});
        }
        return ends;
    }

    const postgres::endpoint& place_;
    const projection& what_;
    std::function<void()> between_;
    postgres::session database_;
    postgres::session database_held_{place_};
    scratch_schema schema_;
    fold_target target_;
    std::vector<partition_checkpoint> at_;
    std::set<place> waiting_;
};

}  // namespace

comparison verify(
    const postgres::endpoint& place, const projection& what, const std::function<void()>& between
) {
    for (int i = 0; i < attempts; ++i) {
        if (auto made = fresh_fold(place, what, between).compare()) {
            return *std::move(made);
        }
    }
    throw std::runtime_error(
        fmt::format("events of {} begin and end to wait all the time: try again later", what.name)
    );
}

}  // namespace teamflow::projections
