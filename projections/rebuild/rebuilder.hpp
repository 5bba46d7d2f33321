#pragma once
// The thread of a process that looks for rebuilds and works them off, one after the other.

#include <chrono>
#include <mutex>
#include <span>
#include <string>

#include "projections/rebuild/rebuild_job.hpp"
#include "projections/rebuild/worker.hpp"

namespace teamflow::projections {

/// Any number of processes may have one: each rebuild is in the hands of one of them at a time, and
/// of another one within the length of its lease when that one is gone. Also drops what was kept
/// for an undo, and scratch schemas, when their time is over.
class rebuilder {
public:
    /// `known` must outlive this. Begins at once.
    rebuilder(rebuild_options on, std::span<const projection> known);

    /// Leaves the rebuild under way where it is, for whoever takes it over: see worker.
    void ask_to_stop();
    void stop(std::chrono::milliseconds patience);

private:
    class under_way;

    void run();
    bool work_one_off(infra::postgres::session& database);
    void work_off(infra::postgres::session& database, const rebuild_order& order);
    void tidy_up(infra::postgres::session& database);

    rebuild_options on_;
    std::span<const projection> known_;
    std::mutex mutex_;
    rebuild_job* job_ = nullptr;
    worker worker_;
};

}  // namespace teamflow::projections
