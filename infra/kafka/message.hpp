#pragma once
// A message of librdkafka as a record. For the .cpp files of this folder only.

#include <span>
#include <string>

#include "events/record.hpp"
#include "infra/kafka/rdkafka.hpp"

namespace teamflow::infra::kafka {

/// Copies what the record needs; `message` must be one without error.
events::record_ptr record_of(const rd_kafka_message_t& message);

/// Polls one message of a consumer, at most for `wait_ms`; nullptr when there is none.
message_handle next_message(rd_kafka_t* consumer, int wait_ms);

/// Makes `consumer` read exactly these partitions of `topic`, each from its offset on. Throws
/// log_unavailable.
void assign(rd_kafka_t* consumer, const std::string& topic, std::span<const events::position> from);

}  // namespace teamflow::infra::kafka
