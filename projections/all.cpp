#include "projections/all.hpp"

#include <array>

#include "projections/activity.hpp"
#include "projections/organizations.hpp"
#include "projections/projects.hpp"
#include "projections/tasks.hpp"
#include "projections/templates.hpp"
#include "projections/time_logs.hpp"
#include "projections/timers.hpp"
#include "projections/users.hpp"

namespace teamflow::projections {

std::span<const projection> all() {
    static const std::array list{
        organizations(),
        users(),
        projects(),
        tasks(),
        time_logs(),
        timers(),
        templates(),
        activity(),
    };
    return list;
}

}  // namespace teamflow::projections
