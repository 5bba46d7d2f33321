#pragma once
// The log that the settings name.

#include <memory>

#include "infra/app/settings.hpp"
#include "infra/log/event_log.hpp"

namespace teamflow::infra {

/// Opens the log on `executor`. Throws std::runtime_error with what is wrong and what to do.
task<std::shared_ptr<event_log>> open_log(
    asio::any_io_executor executor, const app_settings& settings
);

}  // namespace teamflow::infra
