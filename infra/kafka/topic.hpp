#pragma once
// The topic that is the log: made once with the settings that a log needs, checked at every start.

#include <cstdint>

#include "infra/kafka/settings.hpp"
#include "infra/kafka/topic_rules.hpp"

namespace teamflow::infra::kafka {

/// Makes the topic with the replicas and the settings of topic_rules.hpp. True when it was made,
/// and then each partition has its leader; false when it was there, however it was made. Blocks.
/// Throws log_unavailable; std::runtime_error when the cluster has too few brokers for the
/// replicas.
bool create_topic(const settings& how, const topic_plan& plan);

/// What the cluster says of the topic. Blocks. Throws log_unavailable; std::runtime_error when no
/// broker has heard of it for 2 s.
topic_state describe_topic(const settings& how);

/// Throws std::runtime_error, with what to do about it, if records would vanish from this topic,
/// the number of partitions is not the recorded one, or our largest record would not fit.
void check_topic(const settings& how, const topic_state& state, std::int32_t partitions);

/// The topic as it is, checked; what may be lost with it is written to the program's own log.
topic_state checked_topic(const settings& how, std::int32_t partitions);

}  // namespace teamflow::infra::kafka
