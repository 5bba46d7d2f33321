#pragma once
// A projector of one node: the real step and log reader, over the simulated database. Several of
// one projection at once are lawful: the checkpoints fence them.

#include <memory>

#include "infra/log/event_log.hpp"
#include "tests/support/read_store.hpp"

namespace teamflow::sim {

class projecting : public std::enable_shared_from_this<projecting> {
public:
    projecting(
        world& around,
        infra::event_log& log,
        read_store& store,
        boost::asio::any_io_executor executor
    );

    /// Until stop(). Both references must live until it returns.
    static infra::task<> run(std::shared_ptr<projecting> self);

    void stop() { stopping_ = true; }

    /// A whole log at once into an empty store: what its rows must be.
    static void fold(read_store& store, std::span<const events::record_ptr> log);

private:
    infra::task<> serve();
    infra::task<> write(projections::projector_step& step);
    infra::task<> reach();

    world& world_;
    infra::event_log& log_;
    read_store& store_;
    boost::asio::any_io_executor executor_;
    projections::step_limits limits_;
    bool stopping_ = false;
};

}  // namespace teamflow::sim
