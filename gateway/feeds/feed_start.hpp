#pragma once
// Where a feed or a history begins and ends: the positions that clients send.

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/api/call.hpp"

namespace teamflow::gateway {

/// Reads a position list; 400 `bad_position` when it is malformed or names a partition that does
/// not exist.
std::expected<std::vector<events::position>, problem> read_positions(
    std::string_view text, const call& under_way
);

/// The offset of `partition` in the list; -1 when the list does not name it: nothing of it is
/// known.
events::offset offset_in(const std::vector<events::position>& list, events::partition_id partition);

/// The ends of these partitions, in their order. Throws `unavailable` when the log cannot tell.
task<std::vector<events::position>> log_ends(
    infra::event_log& log, std::vector<events::partition_id> partitions
);

/// The offset behind which a feed begins: `after`, or the log's end. One beyond the log's end is
/// waited for, at most for `limit`; then it throws `unavailable`.
task<events::offset> start_behind(
    infra::event_log& log,
    events::partition_id partition,
    std::optional<events::offset> after,
    std::chrono::steady_clock::duration limit
);

/// As start_behind, for what a client sends.
task<std::expected<events::offset, problem>> feed_start(
    call& under_way, events::organization_id organization, std::optional<std::string_view> after
);

}  // namespace teamflow::gateway
