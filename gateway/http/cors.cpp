#include "gateway/http/cors.hpp"

#include <algorithm>

namespace teamflow::gateway {

namespace {

constexpr std::string_view readable =
    "Access-Control-Expose-Headers: ETag, Location, Event-Position, Idempotency-Replayed, "
    "X-Request-ID, Retry-After, Age, Link, Content-Disposition\r\n";
constexpr std::string_view sendable =
    "Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Min-Position, "
    "Prefer, X-Request-ID, traceparent, Last-Event-ID";

}  // namespace

bool cors_policy::is_listed(std::string_view origin) const {
    return std::ranges::any_of(origins_, [&](const std::string& listed) {
        return listed == "*" || equal_ignoring_case(listed, origin);
    });
}

void cors_policy::append_headers(std::string& out, const request& from) const {
    if (origins_.empty()) {
        return;
    }
    out += "Vary: Origin\r\n";
    const auto origin = from.header("Origin");
    if (origin && is_listed(*origin)) {
        out.append("Access-Control-Allow-Origin: ").append(*origin).append("\r\n");
        out += readable;
    }
}

response cors_policy::preflight(const request& from, std::string_view allow) const {
    auto answer = empty_response(204);
    answer.add_header("Allow", allow);
    const auto origin = from.header("Origin");
    if (origin && is_listed(*origin) && from.header("Access-Control-Request-Method")) {
        answer.add_header("Access-Control-Allow-Methods", allow);
        answer.add_header("Access-Control-Allow-Headers", sendable);
        answer.add_header("Access-Control-Max-Age", "600");
    }
    return answer;
}

bool cors_policy::may_open_websocket(const request& from) const {
    const auto origin = from.header("Origin");
    if (!origin || is_listed(*origin)) {
        return true;
    }
    const auto scheme = origin->find("://");
    return scheme != std::string_view::npos &&
           equal_ignoring_case(origin->substr(scheme + 3), from.host);
}

}  // namespace teamflow::gateway
