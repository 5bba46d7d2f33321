#include "gateway/api/api.hpp"
#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

routes all_routes() {
    routes table;
    for (auto family : {feed_routes, identity_routes, operation_routes, task_routes}) {
        for (auto& row : family()) {
            table.push_back(std::move(row));
        }
    }
    return table;
}

}  // namespace teamflow::gateway
