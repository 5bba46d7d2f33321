#include "gateway/api/api.hpp"
#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

routes all_routes() {
    routes table;
    for (auto family :
         {activity_routes,
          admin_routes,
          erasure_routes,
          feed_routes,
          history_routes,
          identity_routes,
          invitation_routes,
          me_routes,
          operation_routes,
          organization_routes,
          parked_routes,
          project_routes,
          rebuild_routes,
          report_routes,
          stream_routes,
          task_routes,
          template_routes,
          time_routes}) {
        for (auto& row : family()) {
            table.push_back(std::move(row));
        }
    }
    return table;
}

}  // namespace teamflow::gateway
