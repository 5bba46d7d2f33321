#pragma once
// The routes of each family: one function, one file gateway/routes/<family>.cpp.

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

routes activity_routes();
routes admin_routes();
routes erasure_routes();
routes feed_routes();
routes history_routes();
routes identity_routes();
routes invitation_routes();
routes me_routes();
routes operation_routes();
routes organization_routes();
routes parked_routes();
routes project_routes();
routes rebuild_routes();
routes report_routes();
routes stream_routes();
routes task_routes();
routes template_routes();
routes time_routes();

}  // namespace teamflow::gateway
