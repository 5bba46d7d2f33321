#pragma once
// Random work of several organizations with projectors over it, and its archive.

#include <cstdint>
#include <deque>

#include "tests/support/archived.hpp"
#include "tests/support/projecting.hpp"
#include "tests/support/random_work.hpp"

namespace teamflow::tests {

/// An organization in each partition.
struct recorded_work : projecting {
    recorded_work(std::int32_t partitions, std::uint64_t seed)
        : projecting(partitions), archive(*this, partitions) {
        for (events::partition_id each = 0; each < partitions; ++each) {
            work.emplace_back(each, seed + static_cast<std::uint64_t>(each));
        }
    }

    /// So many acts of each organization.
    void act(int acts) {
        for (auto& each : work) {
            each.act(acts);
            log.publish(each.history().records());
            archive.extend(each.history().records());
        }
    }

    archived_history archive;
    std::deque<random_work> work;
};

}  // namespace teamflow::tests
