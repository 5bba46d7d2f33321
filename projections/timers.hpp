#pragma once
// Read model of the timers that run now.

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

struct timer_row {
    events::time_log_id time_log_id;
    events::organization_id organization_id;
    events::project_id project_id;
    events::task_id task_id;
    events::user_id user_id;
    events::timestamp start_time;
    std::optional<events::personal> description;
    std::optional<std::string> category;
    bool is_billable = true;
    bool flagged = false;
    std::int64_t version = 0;

    static constexpr std::string_view table = "timer";
    static constexpr auto primary_key = std::tuple(&timer_row::time_log_id);
    static constexpr std::array<std::string_view, 1> indexes{"(organization_id, user_id)"};
};
BOOST_DESCRIBE_STRUCT(
    timer_row,
    (),
    (time_log_id,
     organization_id,
     project_id,
     task_id,
     user_id,
     start_time,
     description,
     category,
     is_billable,
     flagged,
     version)
)

projection timers();

}  // namespace teamflow::projections
