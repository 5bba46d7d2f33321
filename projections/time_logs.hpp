#pragma once
// Read model of time logs, running ones included, and of the totals of each task.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>

#include "events/time_log.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

/// A log whose timer still runs has neither end nor duration. Deleted logs have no row. Logs of a
/// deleted task keep theirs: the work was done.
struct time_log_row {
    events::time_log_id id;
    events::organization_id organization_id;
    events::project_id project_id;
    events::task_id task_id;
    events::user_id user_id;
    events::timestamp start_time;
    std::optional<events::timestamp> end_time;
    std::optional<std::int64_t> duration_seconds;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
    /// Its timer ran for 24 hours or more.
    bool flagged = false;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    static constexpr std::string_view table = "time_log";
    static constexpr auto primary_key = std::tuple(&time_log_row::id);
    static constexpr std::array<std::string_view, 3> indexes{
        "(task_id, start_time, id)",
        "(organization_id, start_time, id)",
        "(organization_id, user_id, start_time, id)",
    };
};
BOOST_DESCRIBE_STRUCT(
    time_log_row,
    (),
    (id,
     organization_id,
     project_id,
     task_id,
     user_id,
     start_time,
     end_time,
     duration_seconds,
     description,
     category,
     is_billable,
     flagged,
     created_at,
     updated_at,
     version)
)

/// Sums over the finished logs of a task; `logs` counts running ones too.
struct task_total_row {
    events::task_id task_id;
    std::int64_t logs = 0;
    std::int64_t total_seconds = 0;
    std::int64_t billable_seconds = 0;

    static constexpr std::string_view table = "task_total";
    static constexpr auto primary_key = std::tuple(&task_total_row::task_id);
};
BOOST_DESCRIBE_STRUCT(task_total_row, (), (task_id, logs, total_seconds, billable_seconds))

projection time_logs();

}  // namespace teamflow::projections
