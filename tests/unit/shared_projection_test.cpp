// Projectors that share a read model, in every order of things: whatever each of them believes, the
// rows are those of one projector.

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "infra/postgres/error.hpp"
#include "tests/support/projections.hpp"
#include "tests/support/random_work.hpp"
#include "tests/support/read_store.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using tests::named;
using need = projector_step::need;
using calls = std::vector<infra::postgres::call>;

constexpr events::partition_id partitions = 3;
constexpr std::size_t processes = 3;

void finish(projector_step& step, sim::read_store& store) {
    while (step.has_work()) {
        while (step.prepare() == need::load) {
            step.loaded(store.load(step.loads()));
        }
        store.commit(step.changes());
        step.flushed();
    }
}

/// A projector: what it believes in, what it has read, and perhaps a batch in hand.
struct process {
    std::vector<events::partition_id> given;
    std::unique_ptr<projector_step> step;
    std::vector<events::offset> next = std::vector<events::offset>(partitions);
    std::optional<calls> ready;
};

/// A read model, the log, and processes that come to believe in partitions and go on working.
class office {
public:
    explicit office(const projection& what, bool is_fenced = true)
        : what_(what), is_fenced_(is_fenced), store_(what, partitions), all_(processes) {
        for (events::partition_id partition = 0; partition < partitions; ++partition) {
            work_.emplace_back(partition, 1U + static_cast<std::uint64_t>(partition));
        }
    }

    /// One thing happens: which, to whom, and how, follow from the numbers.
    void happens(std::uint8_t kind, std::uint8_t who, std::uint8_t how) {
        process& mine = all_[who % processes];
        switch (kind % 8) {
            case 0:
                work_[how % partitions].act(1 + how % 5);
                break;
            case 1:
                assign(mine, how);
                break;
            case 2:
            case 3:
                read(mine, 1 + how % 7);
                break;
            case 4:
            case 5:
                prepare(mine);
                break;
            default:
                send(mine);
        }
    }

    /// At last every partition has one who goes on to the end.
    void settle() {
        assign(all_.front(), 0xFF);
        read(all_.front(), 1'000'000);
        finish(*all_.front().step, store_);
    }

    /// Against the fold of the log up to the checkpoints; empty when equal.
    [[nodiscard]] std::string difference() const {
        sim::read_store fresh(what_, partitions);
        projector_step step(what_, fresh.state());
        for (const auto& [partition, at] : store_.state().checkpoints) {
            const auto& records = records_of(partition);
            step.add(partition, std::span(records).first(static_cast<std::size_t>(at.at + 1)));
        }
        finish(step, fresh);
        return store_.difference(fresh);
    }

    [[nodiscard]] int fenced() const { return fenced_; }

private:
    [[nodiscard]] const std::vector<events::record_ptr>& records_of(events::partition_id partition
    ) const {
        return work_[static_cast<std::size_t>(partition)].history().records();
    }

    /// What was in hand is dropped, as by a process that was killed.
    void assign(process& mine, std::uint8_t which) {
        mine.given.clear();
        for (events::partition_id partition = 0; partition < partitions; ++partition) {
            if ((which >> partition & 1U) != 0) {
                mine.given.push_back(partition);
            }
        }
        open(mine);
    }

    void open(process& mine) {
        auto state = store_.state();
        std::erase_if(state.checkpoints, [&](const partition_checkpoint& each) {
            return std::ranges::find(mine.given, each.partition) == mine.given.end();
        });
        for (const auto& [partition, at] : state.checkpoints) {
            mine.next[static_cast<std::size_t>(partition)] = at.at + 1;
        }
        mine.step = std::make_unique<projector_step>(
            what_, state, step_limits{.max_batch_events = 4, .rows = {.max_rows = 8}}
        );
        mine.ready.reset();
    }

    void read(process& mine, std::size_t most) {
        for (const auto partition : mine.given) {
            auto& next = mine.next[static_cast<std::size_t>(partition)];
            const auto fresh =
                std::span(records_of(partition)).subspan(static_cast<std::size_t>(next));
            const auto some = fresh.first(std::min(fresh.size(), most));
            if (!mine.ready) {
                mine.step->add(partition, some);
                next += static_cast<events::offset>(some.size());
            }
        }
    }

    /// Its rows are loaded now, and written whenever.
    void prepare(process& mine) {
        if (mine.step == nullptr || mine.ready || !mine.step->has_work()) {
            return;
        }
        while (mine.step->prepare() == need::load) {
            mine.step->loaded(store_.load(mine.step->loads()));
        }
        if (mine.step->has_changes()) {
            mine.ready = mine.step->changes();
        } else {
            mine.step->passed();
        }
    }

    void send(process& mine) {
        if (!mine.ready) {
            return;
        }
        const auto batch = std::exchange(mine.ready, std::nullopt);
        const auto before = store_;
        try {
            // The first call is the checkpoint's.
            store_.commit(is_fenced_ ? std::span(*batch) : std::span(*batch).subspan(1));
            mine.step->flushed();
        } catch (const infra::postgres_error&) {
            ++fenced_;
            if (!store_.difference(before).empty()) {
                throw std::runtime_error("a fenced projector wrote rows");
            }
            open(mine);
        }
    }

    const projection& what_;
    bool is_fenced_;
    sim::read_store store_;
    std::vector<process> all_;
    std::vector<tests::random_work> work_;
    int fenced_ = 0;
};

struct act {
    std::uint8_t kind = 0;
    std::uint8_t who = 0;
    std::uint8_t how = 0;
};

rc::Gen<std::vector<act>> any_acts() {
    return rc::gen::resize(
        300,
        rc::gen::container<std::vector<act>>(rc::gen::build<act>(
            rc::gen::set(&act::kind, rc::gen::arbitrary<std::uint8_t>()),
            rc::gen::set(&act::who, rc::gen::arbitrary<std::uint8_t>()),
            rc::gen::set(&act::how, rc::gen::arbitrary<std::uint8_t>())
        ))
    );
}

}  // namespace

TEST_CASE("projectors that share a read model make the rows of one", "[projections]") {
    int fenced = 0;
    for (const auto* name : {"tasks", "time_logs", "timers", "templates"}) {
        CHECK(rc::check(std::string(name), [&] {
            const auto acts = *any_acts();
            office all(named(name));
            for (const auto& each : acts) {
                all.happens(each.kind, each.who, each.how);
            }
            RC_ASSERT(all.difference() == "");
            all.settle();
            RC_ASSERT(all.difference() == "");
            fenced += all.fenced();
        }));
    }
    CHECK(fenced > 0);
}

TEST_CASE("without the fence they would not", "[projections]") {
    int wrong = 0;
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
        office all(named("tasks"), false);
        for (int i = 0; i < 150; ++i) {
            const auto kind = static_cast<std::uint8_t>(random());
            const auto who = static_cast<std::uint8_t>(random());
            all.happens(kind, who, static_cast<std::uint8_t>(random()));
        }
        all.settle();
        wrong += all.difference().empty() ? 0 : 1;
    }
    CHECK(wrong > 0);
}
