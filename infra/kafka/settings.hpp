#pragma once
// How to reach the Kafka cluster and the one topic that is the log.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "infra/log/event_log.hpp"

namespace teamflow::infra::kafka {

/// The topic's max.message.bytes: the largest record with its headers and Kafka's framing.
inline constexpr std::size_t max_message_bytes = max_record_bytes + (std::size_t{64} << 10U);

struct settings {
    /// `host:port[,host:port...]`.
    std::string bootstrap;
    std::string topic = "teamflow";
    /// Further librdkafka properties, such as security.protocol; they come after ours and win.
    std::vector<std::pair<std::string, std::string>> properties;
    /// An append that is not acknowledged for so long has an unknown outcome.
    std::chrono::milliseconds message_timeout{5000};
    /// Longest wait for what is asked of the cluster: metadata, a range of records, an end.
    std::chrono::milliseconds request_timeout{10'000};
    /// Longest wait for a client handle to close; some releases of librdkafka block on a broker
    /// that does not answer (confluentinc/librdkafka issue 4519).
    std::chrono::milliseconds close_timeout{1500};
    /// A partition that ends too early is asked again for so long before it counts as truncated: a
    /// new leader shows its newest records only once the other replicas have asked it for them, and
    /// one that was cut off serves an old state until it hears of its successor. Longer than both
    /// take by the brokers' defaults (broker.session.timeout.ms, replica.lag.time.max.ms).
    std::chrono::milliseconds truncation_patience{40'000};
};

}  // namespace teamflow::infra::kafka
