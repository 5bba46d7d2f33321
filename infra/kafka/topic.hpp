#pragma once
// The topic that is the log: made once with the settings that a log needs, checked at every start.

#include <cstdint>
#include <map>
#include <string>

#include "infra/kafka/settings.hpp"

namespace teamflow::infra::kafka {

struct topic_plan {
    std::int32_t partitions = 12;
    /// What is acknowledged survives a power cut of the only replica (flush.messages=1, some 5,000
    /// records/s); false promises it only against a crash of processes. Without meaning where
    /// several replicas answer for each other.
    bool flush_single_replica = true;
};

struct topic_state {
    std::int32_t partitions = 0;
    std::int32_t replicas = 0;
    std::map<std::string, std::string> config;
};

/// Makes the topic: three replicas where there are three brokers, two of them in sync for an
/// acknowledgement, kept for ever, never led by a replica that lacks records. True when it was
/// made, and then each partition has its leader; false when it was there. Blocks. Throws
/// log_unavailable.
bool create_topic(const settings& how, const topic_plan& plan);

/// What the cluster says of the topic. Blocks. Throws log_unavailable; std::runtime_error when no
/// broker has heard of it for 2 s.
topic_state describe_topic(const settings& how);

/// Throws std::runtime_error, with what to do about it, if records would vanish from this topic,
/// the number of partitions is not the recorded one, or our largest record would not fit.
void check_topic(const settings& how, const topic_state& state, std::int32_t partitions);

}  // namespace teamflow::infra::kafka
