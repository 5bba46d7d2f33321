#pragma once
// Read model of activity: which events concern a task or a project. The events themselves are read
// from the archive (teamflow.events) by their position; all events of an organization need no row,
// since the archive finds those by itself.

#include <array>
#include <optional>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>

#include "projections/projection.hpp"

namespace teamflow::projections {

struct activity_row {
    events::partition_id partition = 0;
    events::offset offset = -1;
    events::project_id project_id;
    std::optional<events::task_id> task_id;

    static constexpr std::string_view table = "entry";
    static constexpr auto primary_key = std::tuple(&activity_row::partition, &activity_row::offset);
    static constexpr std::array<std::string_view, 2> indexes{
        "(project_id, \"offset\")",
        "(task_id, \"offset\") where task_id is not null",
    };
};
BOOST_DESCRIBE_STRUCT(activity_row, (), (partition, offset, project_id, task_id))

projection activity();

}  // namespace teamflow::projections
