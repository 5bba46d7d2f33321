#pragma once
// Follows several partitions from given offsets: memory first, the log where memory does not reach.

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "infra/log/event_log.hpp"
#include "infra/log/log_tail.hpp"

namespace teamflow::infra {

struct record_batch {
    events::partition_id partition = 0;
    std::vector<events::record_ptr> records;
};

/// Lives on one executor. Each partition's records come in order, without a hole and without a
/// double; nothing is promised between partitions.
class log_reader {
public:
    /// `from` names the first record wanted of each partition.
    log_reader(
        event_log& log, asio::any_io_executor executor, const std::vector<events::position>& from
    );

    /// With a wakeup of the caller, who may end a wait by it before there is a reader, and after.
    log_reader(
        event_log& log, std::shared_ptr<wakeup> news, const std::vector<events::position>& from
    );

    /// At least one record, at most about `max_records` a partition; an empty list when `limit`
    /// passed without news or stop() was called. A failed call (log_unavailable) moves nothing: the
    /// next one goes on at the same place.
    task<std::vector<record_batch>> next(
        std::size_t max_records, std::chrono::steady_clock::duration limit
    );

    /// Ends a wait from any thread; later calls of next() still work.
    void interrupt() { news_->signal(); }

private:
    struct cursor {
        events::partition_id partition;
        events::offset next;
    };

    task<std::vector<events::record_ptr>> read(const cursor& place, std::size_t max_records);
    task<std::vector<record_batch>> gather(std::size_t max_records);

    event_log& log_;
    std::vector<cursor> cursors_;
    std::shared_ptr<wakeup> news_;
};

}  // namespace teamflow::infra
