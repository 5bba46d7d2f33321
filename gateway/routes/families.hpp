#pragma once
// The routes of each family: one function, one file gateway/routes/<family>.cpp.

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

routes feed_routes();
routes identity_routes();
routes operation_routes();
routes task_routes();

}  // namespace teamflow::gateway
