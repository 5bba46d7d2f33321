#pragma once
// Which topic can be the log: how it is to be made, and what is wrong with one that is there.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teamflow::infra::kafka {

/// What a topic gets where nothing else is said and the cluster has as many brokers.
inline constexpr std::int32_t default_replicas = 3;

struct topic_plan {
    std::int32_t partitions = 12;
    /// Replicas of each partition; nothing: see replicas_for().
    std::optional<std::int32_t> replicas;
    /// What is acknowledged survives a power cut of a broker where fewer than two others must
    /// confirm it (flush.messages=1, some 5,000 records/s); false promises it only against a crash
    /// of processes. Without meaning with three replicas, which answer for each other.
    bool flush_each_record = true;
};

struct topic_state {
    std::int32_t partitions = 0;
    /// Of the partition that has the fewest.
    std::int32_t replicas = 0;
    std::map<std::string, std::string> config;
};

/// How many brokers `host:port[,host:port...]` names.
std::int32_t brokers_named(std::string_view bootstrap);

/// How many replicas a new topic gets: what the plan says; else three, and one where a single
/// broker is named as the whole cluster. Brokers that are away are no reason for fewer: who wants
/// fewer has to say so.
std::int32_t replicas_for(
    const topic_plan& plan, std::int32_t brokers_alive, std::int32_t brokers_named
);

/// The settings of a new topic with so many replicas: kept for ever, never led by a replica that
/// lacks records, and acknowledged by more than half of three or more replicas. One or two are
/// flushed at every record, if the plan says so.
std::vector<std::pair<std::string, std::string>> topic_config(
    const topic_plan& plan, std::int32_t replicas
);

/// Every reason why this topic cannot be a log of so many partitions, as sentences: records would
/// vanish from it, or our largest would not fit. None when it can.
std::vector<std::string> topic_faults(const topic_state& state, std::int32_t partitions);

/// Why acknowledged records may be lost with one broker though the topic was allowed to be the log,
/// as sentences with what to do about it: what `--no-kafka-flush` chooses.
std::vector<std::string> topic_risks(const topic_state& state);

}  // namespace teamflow::infra::kafka
