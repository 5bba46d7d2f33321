#pragma once
// The thread of a process that does what admins ask of read models, one order after the other.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// An order of teamflow.admin_orders: compare (verify), try again (retry) or give up (skip) what is
/// parked, mend rows (repair). It stands beside the thread of rebuilds, which may be busy for
/// hours. Any number of processes may have one: each order is done by one of them, and in one
/// transaction with its answer, so that it has its effect once.
class caretaker {
public:
    /// `known` must outlive this. Begins at once.
    caretaker(std::string postgres_url, std::span<const projection> known);

    /// As stop().
    ~caretaker();
    caretaker(const caretaker&) = delete;
    caretaker& operator=(const caretaker&) = delete;

    /// Blocking, for as long as the order under way may take to notice; another process does it
    /// then.
    void stop();

private:
    struct order;

    void run();
    bool do_one(infra::postgres::session& database);
    void carry_out(infra::postgres::session& database, const order& what);
    void compare(infra::postgres::session& database, const order& what, const projection& which);
    void try_parked(infra::postgres::session& database, const order& what, const projection& which);
    void mend(infra::postgres::session& database, const order& what, const projection& which);
    void keep(infra::postgres::session& database, const order& what);
    [[nodiscard]] bool is_stopping();
    void pause(std::chrono::milliseconds length);

    std::string url_;
    std::span<const projection> known_;
    std::string name_;
    std::mutex mutex_;
    std::condition_variable told_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace teamflow::projections
