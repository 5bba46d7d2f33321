#pragma once
// The thread of a process that does what admins ask of read models, one order after the other.

#include <chrono>
#include <span>
#include <string>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"
#include "projections/rebuild/worker.hpp"

namespace teamflow::projections {

/// An order of teamflow.admin_orders: compare (verify), try again (retry) or give up (skip) what is
/// parked, mend rows (repair). It stands beside the thread of rebuilds, which may be busy for
/// hours. Any number of processes may have one: each order is done by one of them, and in one
/// transaction with its answer, so that it has its effect once.
class caretaker {
public:
    /// `known` must outlive this. Begins at once.
    caretaker(const std::string& postgres_url, std::span<const projection> known);

    /// Leaves the order under way to another process: see worker.
    void ask_to_stop() { worker_.ask_to_stop(); }

    void stop(std::chrono::milliseconds patience) { worker_.stop(patience); }

private:
    struct order;

    void run();
    bool do_one(infra::postgres::session& database);
    void carry_out(infra::postgres::session& database, const order& what);
    void compare(infra::postgres::session& database, const order& what, const projection& which);
    void try_parked(infra::postgres::session& database, const order& what, const projection& which);
    void mend(infra::postgres::session& database, const order& what, const projection& which);
    void keep(infra::postgres::session& database, const order& what);

    std::span<const projection> known_;
    worker worker_;
};

}  // namespace teamflow::projections
