#pragma once
// The log: what the write side appends to and every reader follows. Kafka or PostgreSQL behind it.

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "events/fold.hpp"
#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::infra {

class log_tail;

/// The largest record that a log takes, in bytes as footprint() counts them. Whoever makes records
/// checks first; append() throws record_too_large before anything is sent.
inline constexpr std::size_t max_record_bytes = std::size_t{2} << 20U;

/// Consecutive records of one epoch, whole commits only. `at` of the records is still unknown.
struct append_batch {
    events::partition_id partition = 0;
    events::epoch reign;
    std::int64_t first_sequence = 0;
    std::vector<std::shared_ptr<events::record>> records;
};

enum class append_status {
    durable,  ///< on disk as the log promises it
    fenced,   ///< refused: another epoch is current; nothing of the batch is or will be in the log
    unknown,  ///< may or may not be in the log: only a new claim, read back, decides (R7)
};

struct append_outcome {
    append_status status = append_status::unknown;
    /// Offset of the batch's last record. Kafka may report success without one (R5).
    std::optional<events::offset> last = std::nullopt;
    /// With `unknown`: the log's disk is full, and nothing of the batch is or will be in the log.
    bool storage_full = false;
};

/// Told once for each batch, in the order of append() for one partition, on a thread of the log.
/// Must only hand over and return.
using append_done = std::move_only_function<void(append_outcome)>;

/// Thread-safe: every function may be called from any thread.
class event_log {
public:
    event_log() = default;
    event_log(const event_log&) = delete;
    event_log& operator=(const event_log&) = delete;
    virtual ~event_log() = default;

    /// Fixed when the log was created.
    [[nodiscard]] virtual std::int32_t partitions() const = 0;

    /// Appends the claim of `writer` (R1) and returns its offset once it is durable. `address` is
    /// where other nodes reach this writer. Throws log_unavailable, log_full among them; the claim
    /// may then be in the log all the same, which is harmless: the next one supersedes it.
    virtual task<events::offset> claim(
        events::partition_id partition, events::writer_id writer, std::string address
    ) = 0;

    /// Appends without waiting; the caller may append the next batch at once. After the first
    /// outcome of a partition that is not `durable`, all later batches of the same epoch get the
    /// same status until the next claim. Throws record_too_large, and then appends nothing.
    virtual void append(append_batch batch, append_done done) = 0;

    /// Records of a partition from `from` on, in order and without a hole: at most `max_records`,
    /// none when `from` lies behind the end. Throws log_unavailable, or log_truncated when the log
    /// begins or ends elsewhere than its readers know.
    virtual task<std::vector<events::record_ptr>> fetch(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) = 0;

    /// Offset of the last durable record, -1 of an empty partition.
    virtual task<events::offset> end(events::partition_id partition) = 0;

    /// The same of all partitions from 0 on, asked together.
    virtual task<std::vector<events::offset>> ends();

    /// The archive's fold: a claimant and every new reader of the whole log go on from here.
    virtual task<events::checkpoint> checkpoint(events::partition_id partition) = 0;

    /// Up to where the SQL archive (log_records) holds the partition. Streams load from there.
    [[nodiscard]] virtual events::offset archived(events::partition_id partition) const = 0;

    /// Ends what runs on behalf of nobody in particular: following, telling others. Appends under
    /// way still get their outcome.
    virtual void stop() = 0;

    /// The newest records in memory; readers wait here.
    [[nodiscard]] virtual log_tail& tail() = 0;
};

/// The log cannot be reached or refuses work for now. Nothing is decided; try again later.
class log_unavailable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The log's disk is full.
class log_full : public log_unavailable {
public:
    using log_unavailable::log_unavailable;
};

/// The log lacks records that its archive has: a lost tail, or another log. Nothing may be appended
/// until an admin restores it, for an archived offset is never used again.
class log_truncated : public log_unavailable {
public:
    using log_unavailable::log_unavailable;
};

/// The ends of these partitions, in their order, by one question to the log. Throws as
/// event_log::end().
task<std::vector<events::position>> ends_of(
    event_log& log, std::vector<events::partition_id> partitions
);

/// Waits until the archive holds all of these places; false when it does not within `limit`.
task<bool> await_archived(
    const event_log& log, std::vector<events::position> places, steady_clock::duration limit
);

/// A record above max_record_bytes.
class record_too_large : public std::length_error {
public:
    record_too_large(events::partition_id partition, std::size_t bytes);
};

/// Throws record_too_large if one of the records is.
void check_sizes(const append_batch& batch);

}  // namespace teamflow::infra
