#pragma once
// Figures of the log, for analysts.

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// `GET /events/statistics`.
route log_statistics_route();

}  // namespace teamflow::gateway
