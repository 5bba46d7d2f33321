#include "tests/sim/projecting.hpp"

#include <utility>

#include "infra/log/log_reader.hpp"
#include "infra/postgres/error.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;
using need = projections::projector_step::need;

infra::postgres_error lost_connection() {
    return infra::postgres_error(
        {.sqlstate = "08006",
         .message = "the simulated database is gone",
         .detail = {},
         .constraint = {},
         .statement = {},
         .connection_lost = true}
    );
}

}  // namespace

projecting::projecting(
    world& around, infra::event_log& log, read_store& store, boost::asio::any_io_executor executor
)
    : world_(around), log_(log), store_(store), executor_(std::move(executor)) {
    limits_.max_batch_events = around.chance.one_in(2) ? 4 : limits_.max_batch_events;
    limits_.rows.max_rows = around.chance.one_in(2) ? 4 : limits_.rows.max_rows;
}

infra::task<> projecting::run(std::shared_ptr<projecting> self) {
    while (!self->stopping_) {
        try {
            co_await self->serve();
        } catch (const infra::postgres_error&) {
            self->world_.note("a projector begins again");
        } catch (const infra::log_unavailable&) {
            self->world_.note("a projector lost the log");
        }
        infra::steady_timer pause(self->executor_, 20ms + self->world_.random_duration(200ms));
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

infra::task<> projecting::reach() {
    infra::steady_timer pause(executor_, world_.random_duration(3ms));
    co_await pause.async_wait(boost::asio::use_awaitable);
    if (stopping_ || world_.strikes(world_.rates.fault)) {
        throw lost_connection();
    }
}

infra::task<> projecting::serve() {
    co_await reach();
    const auto state = store_.state();
    projections::projector_step step(store_.what(), state, limits_);
    std::vector<events::position> from;
    from.reserve(state.checkpoints.size());
    for (const auto& each : state.checkpoints) {
        from.push_back({.partition = each.partition, .at = each.at.at + 1});
    }
    infra::log_reader reader(log_, executor_, from);
    while (!stopping_) {
        const auto batches = co_await reader.next(limits_.max_batch_events, 1s);
        for (const auto& batch : batches) {
            step.add(batch.partition, batch.records);
        }
        while (!stopping_ && step.has_work()) {
            co_await write(step);
        }
    }
}

infra::task<> projecting::write(projections::projector_step& step) {
    auto needed = step.prepare();
    while (needed == need::load) {
        co_await reach();
        step.loaded(store_.load(step.loads()));
        needed = step.prepare();
    }
    co_await reach();
    const bool unheard = world_.strikes(world_.rates.fault);
    store_.commit(step.changes());
    if (unheard) {
        // It was committed, and nobody was told: only the checkpoint says so.
        throw lost_connection();
    }
    step.flushed();
}

void projecting::fold(read_store& store, std::span<const events::record_ptr> log) {
    if (log.empty()) {
        return;
    }
    projections::projector_step step(store.what(), store.state());
    step.add(log.front()->partition, log);
    while (step.has_work()) {
        while (step.prepare() == need::load) {
            step.loaded(store.load(step.loads()));
        }
        store.commit(step.changes());
        step.flushed();
    }
}

}  // namespace teamflow::sim
