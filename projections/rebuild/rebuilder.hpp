#pragma once
// The thread of a process that looks for rebuilds and works them off, one after the other.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "projections/rebuild/rebuild_job.hpp"

namespace teamflow::projections {

/// Any number of processes may have one: each rebuild is in the hands of one of them at a time, and
/// of another one within the length of its lease when that one is gone. Also drops what was kept
/// for an undo, and scratch schemas, when their time is over.
class rebuilder {
public:
    /// `known` must outlive this. Begins at once.
    rebuilder(rebuild_options on, std::span<const projection> known);

    /// As stop().
    ~rebuilder();
    rebuilder(const rebuilder&) = delete;
    rebuilder& operator=(const rebuilder&) = delete;

    /// Leaves the rebuild that is under way where it is. Blocking, for as long as one piece of a
    /// fold may take. Harmless when stopped.
    void stop();

private:
    class under_way;

    void run();
    bool work_one_off(infra::postgres::session& database);
    void work_off(infra::postgres::session& database, const rebuild_order& order);
    void tidy_up(infra::postgres::session& database);
    [[nodiscard]] bool is_stopping();
    void pause(std::chrono::milliseconds length);

    rebuild_options on_;
    std::span<const projection> known_;
    std::string name_;
    std::mutex mutex_;
    std::condition_variable told_;
    bool stopping_ = false;
    rebuild_job* job_ = nullptr;
    std::thread thread_;
};

}  // namespace teamflow::projections
