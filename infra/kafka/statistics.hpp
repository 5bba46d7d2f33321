#pragma once
// What librdkafka's statistics say about who is there.

#include <chrono>
#include <string_view>
#include <vector>

#include "events/record.hpp"

namespace teamflow::infra::kafka {

/// The partitions of `topic` that a consumer reads from a broker which sent something within
/// `silence_max`: a broker answers a fetch twice a second, even if there is nothing to read. None
/// of a text that is no such statistics (https://github.com/confluentinc/librdkafka,
/// STATISTICS.md).
std::vector<events::partition_id> partitions_heard_of(
    std::string_view statistics, std::string_view topic, std::chrono::milliseconds silence_max
);

}  // namespace teamflow::infra::kafka
