#pragma once
// Whether the topic still holds what was archived of it.

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "infra/kafka/catch_up.hpp"

namespace teamflow::infra::kafka {

struct difference {
    std::string what;
    /// The partition ends too early, or begins too late: perhaps its leader only does not know
    /// better yet.
    bool may_pass = false;
};

/// Compares the topic with archived records, at most one of each partition: which it lacks, or
/// holds others in the place of. Blocks. Throws log_unavailable.
std::vector<difference> find_differences(
    catch_up& topic, const std::vector<events::record_ptr>& archived
);

/// The difference that does not pass; empty when there is none. A partition that ends too early is
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
