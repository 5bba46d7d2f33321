#include "infra/log/event_log.hpp"

#include <fmt/format.h>

#include "infra/log/log_tail.hpp"

namespace teamflow::infra {

record_too_large::record_too_large(events::partition_id partition, std::size_t bytes)
    : std::length_error(fmt::format(
          "a record for partition {} has {} bytes; the log takes at most {}",
          partition,
          bytes,
          max_record_bytes
      )) {}

void check_sizes(const append_batch& batch) {
    for (const auto& record : batch.records) {
        const std::size_t bytes = footprint(*record);
        if (bytes > max_record_bytes) {
            throw record_too_large(batch.partition, bytes);
        }
    }
}

}  // namespace teamflow::infra
