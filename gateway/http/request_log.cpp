#include "gateway/http/request_log.hpp"

#include "gateway/http/trace_context.hpp"
#include "infra/log_line.hpp"

namespace teamflow::gateway {

void log_request(
    spdlog::level::level_enum level,
    std::string_view message,
    const request& what,
    std::string_view cause
) {
    infra::log_line(
        level,
        message,
        {{"request_id", what.request_id},
         {"trace_id", trace_id_of(what.traceparent)},
         {"method", to_string(what.verb)},
         {"path", what.path},
         {"cause", cause}}
    );
}

void log_finished(const finished_request& what) {
    infra::log_line(
        spdlog::level::info,
        "request",
        {{"request_id", what.request_id},
         {"trace_id", trace_id_of(what.traceparent)},
         {"method", to_string(what.verb)},
         {"path", what.path},
         {"route", what.route},
         {"status", static_cast<std::int64_t>(what.status)},
         {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(what.elapsed).count()
         },
         {"bytes_in", static_cast<std::int64_t>(what.bytes_in)},
         {"bytes_out", static_cast<std::int64_t>(what.bytes_out)},
         {"peer", what.peer}}
    );
}

}  // namespace teamflow::gateway
