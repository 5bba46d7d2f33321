#pragma once
// The steady clock and the timers of what a simulator can run: the machine's, and in test builds
// those of virtual time where there is one.

#include <boost/asio/steady_timer.hpp>

#ifdef TEAMFLOW_FAILPOINTS
#include "infra/virtual_time.hpp"
#else
#include <chrono>
#endif

namespace teamflow::infra {

#ifdef TEAMFLOW_FAILPOINTS
using steady_clock = virtual_steady_clock;
using steady_timer = virtual_steady_timer;
#else
using steady_clock = std::chrono::steady_clock;
using steady_timer = boost::asio::steady_timer;
#endif

}  // namespace teamflow::infra
