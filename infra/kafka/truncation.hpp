#pragma once
// Whether the topic still holds what was archived of it.

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "infra/kafka/catch_up.hpp"

namespace teamflow::infra::kafka {

/// Compares the topic with archived records, at most one of each partition: which it lacks, or
/// holds others in the place of; empty when it holds them all. A partition that ends too early is
/// asked again for `patience` (settings::truncation_patience), by a new client each time; another
/// record is a verdict at once. Blocks, but not for much longer than the request_timeout once
/// `stopping` is set. Throws log_unavailable.
std::string find_truncation(
    catch_up& topic,
    const std::vector<events::record_ptr>& archived,
    std::chrono::milliseconds patience,
    const std::atomic<bool>& stopping
);

}  // namespace teamflow::infra::kafka
