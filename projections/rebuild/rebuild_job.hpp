#pragma once
// One rebuild from its first event to its swap, in stages that a crash may stand between.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "events/record.hpp"
#include "projections/projection.hpp"
#include "projections/rebuild/partition_folds.hpp"
#include "projections/rebuild/rebuild_lease.hpp"
#include "projections/rebuild/rebuild_order.hpp"

namespace teamflow::projections {

class held_build;

struct rebuild_options {
    infra::postgres::endpoint database{""};
    /// Asked while the live build is held: how far the log reaches, so that nobody who was told a
    /// position finds the new build behind it. Nullopt: it does not answer now.
    std::function<std::optional<std::vector<events::position>>()> log_ends;
    bulk_options how;
};

/// The work was left where it is: the process stops, or another one has it.
class rebuild_left : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Works an order off: folds the archive into a schema beside the live one, on several threads at
/// first; makes indexes; follows; compares; and takes the live build's place in one transaction, in
/// which no projector and no query sees anything between. Each stage goes on from what the database
/// says, so whoever takes the order over repeats one piece at most.
class rebuild_job {
public:
    /// Everything must outlive this.
    rebuild_job(const rebuild_options& on, rebuild_order order, const projection& what);

    /// Returns when the rebuild has ended. Blocking. Throws rebuild_left after stop() or when it is
    /// fenced out, postgres_error, projection_stopped.
    void run();

    /// Ends run() soon, whatever it waits for, from any thread: what was not committed is undone.
    void stop();

private:
    struct aborted {};

    void go_on();
    void begin();
    void fold();
    void index();
    void catch_up();
    void compare();
    bool swap();
    void abort();
    void look();
    void await_pause();
    void give_way();
    void read_checkpoints();
    [[nodiscard]] std::vector<partition_checkpoint> archive_ends();
    [[nodiscard]] fold_target target();
    void follow_to(const std::vector<partition_checkpoint>& goals);
    [[nodiscard]] bool await_archive(const std::vector<events::position>& wanted);
    [[nodiscard]] bool has_come_to(const std::vector<partition_checkpoint>& goals) const;
    void take_place_of(const held_build& live, infra::postgres::session& holding);
    void enter(rebuild_stage next);

    const rebuild_options& on_;
    rebuild_order order_;
    const projection& what_;
    /// Cuts the sessions of this job alone.
    std::stop_source giving_up_;
    std::stop_callback<std::function<void()>> given_up_with_;
    infra::postgres::endpoint place_;
    infra::postgres::session database_;
    std::vector<partition_checkpoint> at_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::unique_ptr<rebuild_lease> lease_;
};

}  // namespace teamflow::projections
