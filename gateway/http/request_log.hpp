#pragma once
// Lines of the program's log that belong to a request: each names its id and its trace.

#include <string_view>

#include <spdlog/common.h>

#include "gateway/http/observer.hpp"
#include "gateway/http/request.hpp"

namespace teamflow::gateway {

/// Something that happened to a request. Any thread.
void log_request(
    spdlog::level::level_enum level,
    std::string_view message,
    const request& what,
    std::string_view cause
);

/// The line of the access log. The query is left out, for it may hold a ticket.
void log_finished(const finished_request& what);

}  // namespace teamflow::gateway
