#include "query/overlap.hpp"

#include <algorithm>
#include <chrono>

namespace teamflow::query {

std::vector<overlap> overlaps_of(std::span<const logged_span> logs) {
    std::vector<overlap> found;
    const logged_span* longest = nullptr;
    for (const auto& log : logs) {
        if (longest != nullptr && log.is_counted) {
            const auto end = std::min(log.end_time, longest->end_time);
            if (log.start_time < end) {
                found.push_back(
                    {.time_log_id = log.id,
                     .task_id = log.task_id,
                     .other_time_log_id = longest->id,
                     .other_task_id = longest->task_id,
                     .start_time = log.start_time,
                     .end_time = end,
                     .duration_seconds =
                         std::chrono::floor<std::chrono::seconds>(end - log.start_time).count()}
                );
            }
        }
        if (longest == nullptr || longest->end_time < log.end_time) {
            longest = &log;
        }
    }
    return found;
}

}  // namespace teamflow::query
