#pragma once
// One projection's way from records to rows, without I/O: what to load, what to write, what next.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "events/fold.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct partition_checkpoint {
    events::partition_id partition = 0;
    events::checkpoint at;
};

/// A position that can be a key.
using place = std::pair<events::partition_id, events::offset>;

/// Where a build of a projection stands: what its rows in the fixed tables say.
struct build_state {
    std::int64_t build = 0;
    std::vector<partition_checkpoint> checkpoints;
    /// Keys that wait behind a poison event.
    std::vector<std::string> parked_keys;
    /// Commits that wait for an operator, of all partitions.
    std::int64_t parked_commits = 0;
    /// Where its tables lie; that of its name unless another one is built.
    std::string schema;
    /// Events whose commits are to be parked without being tried.
    std::set<place> set_aside;
    /// Events whose commits an admin has given up: as if they were of no interest.
    std::set<place> skipped;
};

struct step_limits {
    std::size_t max_batch_events = 2000;
    remembering rows;
};

/// A poison event met a projection that does not park: a human must decide.
class projection_stopped : public std::runtime_error {
public:
    projection_stopped(events::position at, const std::string& reason);
};

/// What one batch was, for metrics.
struct batch_summary {
    std::size_t events = 0;
    std::size_t rows = 0;
    std::size_t parked = 0;
    /// Of types that this program does not know.
    std::size_t unknown = 0;
    /// Time of the newest event; nullopt when there was none.
    std::optional<events::timestamp> newest;
};

/// Folds partitions, runs handlers over batches of whole commits and says what to send. The caller
/// turns this wheel:
///
///     step.add(records);
///     while (step.has_work()) {
///         while (step.prepare() == projector_step::need::load) {
///             step.loaded(<answers to step.loads()>);
///         }
///         <step.changes() in one transaction>, then step.flushed();
///         or, while !step.has_changes(), just step.passed()
///     }
///
/// If the database refuses the data of a transaction: refused(). After any other failure nobody
/// knows what was written: make a new one from what the database says. Not thread-safe.
class projector_step {
public:
    enum class need { load, flush };

    /// `what` must outlive this.
    projector_step(const projection& what, build_state from, step_limits limits = {});

    /// Takes the next records of a partition. Throws events::log_gap.
    void add(events::partition_id partition, std::span<const events::record_ptr> records);

    /// Takes commits of a partition that are known to count, whole and in order, and that are all
    /// there are up to `until`, a commit boundary behind what was taken before.
    void add_valid(const partition_checkpoint& until, std::span<const events::record_ptr> records);

    /// Takes events of one commit that waited, without moving any checkpoint.
    void add_parked(std::span<const events::record_ptr> records);

    /// Whether there are records to be accounted for.
    [[nodiscard]] bool has_work() const;

    /// Commits that were added and not written yet.
    [[nodiscard]] std::size_t queued() const { return queue_.size(); }

    /// Runs the handlers of the next batch. Throws projection_stopped.
    need prepare();

    /// One statement for each table with missing rows; the views in it live as long as this.
    [[nodiscard]] std::vector<infra::postgres::call> loads() const;

    /// The answers to loads(), in their order.
    void loaded(std::span<const infra::postgres::result> answers);

    /// The whole batch: checkpoints first, because they fence, then rows, parked events and the
    /// notice to waiting readers.
    [[nodiscard]] std::vector<infra::postgres::call> changes() const;

    /// The parts of changes() for who writes them in another way: one for each table, in their
    /// order; what is parked, if anything; and where the partitions will stand.
    [[nodiscard]] std::vector<table_changes> row_changes() const;
    [[nodiscard]] std::optional<infra::postgres::call> parking() const;
    /// The commits of the prepared batch.
    [[nodiscard]] std::vector<events::commit_id> batch_commits() const;
    /// Those of them that it parks, and why.
    [[nodiscard]] std::vector<std::pair<events::commit_id, std::string>> parking_now() const;
    [[nodiscard]] std::map<events::partition_id, events::checkpoint> next_checkpoints() const;

    /// The statements of the tables, in the order of row_changes().
    [[nodiscard]] const std::vector<table_sql>& sql() const { return sql_; }

    /// The rows as handlers see them.
    [[nodiscard]] unit_of_work& rows() { return rows_; }

    /// Whether the prepared batch writes anything but checkpoints.
    [[nodiscard]] bool has_changes() const;

    /// The transaction of changes() was committed.
    batch_summary flushed();

    /// The prepared batch has no changes, and its checkpoints are left to a later batch: after a
    /// crash it is read again, which changes nothing.
    batch_summary passed();

    /// Whether positions() is ahead of the checkpoints in the database.
    [[nodiscard]] bool has_unsaved_checkpoints() const;

    /// The database refused the data of loads() or changes(); nothing was written. The commits of
    /// the batch are tried one by one; the one that is refused alone is poison. Throws
    /// std::runtime_error when what was refused is the parking itself.
    void refused(std::string_view reason);

    /// Up to where each partition was read and its rows are visible.
    [[nodiscard]] std::vector<events::position> positions() const;

    /// Ghosts that the folds have met.
    [[nodiscard]] std::int64_t ghosts() const;

private:
    struct queued_event {
        events::record_ptr record;
        /// Nullptr: the projection does not take events of this type.
        const handler* handle = nullptr;
        std::optional<events::event> event;
    };

    struct queued_commit {
        events::partition_id partition = 0;
        events::checkpoint after;
        std::vector<queued_event> events;
        bool decoded = false;
        /// Why it cannot be handled, once that is known.
        std::string poison;
    };

    struct partition_state {
        events::partition_fold fold;
        events::checkpoint saved;
        /// At `saved` or behind it: what was read since then changed no row.
        events::checkpoint reached;
    };

    struct parked_commit {
        const queued_commit* commit = nullptr;
        std::string reason;
    };

    void choose_batch();
    batch_summary leave_batch();
    std::optional<std::size_t> run_batch();
    bool run_commit(queued_commit& commit);
    void decode(queued_commit& commit);
    void park(const queued_commit& commit, std::string reason);
    [[nodiscard]] const std::string* waits_behind(const queued_commit& commit) const;
    void queue(
        events::partition_id partition,
        const events::checkpoint& after,
        std::span<const events::record_ptr> records
    );
    [[nodiscard]] static bool is_in(const std::set<place>& places, const queued_commit& commit);
    [[nodiscard]] infra::postgres::call checkpoint_call() const;
    [[nodiscard]] infra::postgres::call parking_call() const;
    [[nodiscard]] infra::postgres::call notice_call() const;

    const projection& what_;
    std::int64_t build_;
    step_limits limits_;
    std::vector<table_sql> sql_;
    unit_of_work rows_;
    std::map<events::partition_id, partition_state> partitions_;
    std::deque<queued_commit> queue_;
    /// Commits of the queue's front that belong to the batch being prepared.
    std::size_t batch_ = 0;
    /// Commits still to be tried one by one after a refusal.
    std::size_t one_by_one_ = 0;
    std::size_t passes_ = 0;
    std::unordered_set<std::string> parked_keys_;
    std::set<place> set_aside_;
    std::set<place> skipped_;
    std::vector<parked_commit> parking_;
    std::unordered_set<std::string> parking_keys_;
};

}  // namespace teamflow::projections
