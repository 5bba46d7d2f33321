#pragma once
// The routes with their handlers, and the rules that hold for every answer.

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/cors.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/http/limits.hpp"
#include "gateway/http/observer.hpp"
#include "gateway/http/router.hpp"

namespace teamflow::gateway {

struct service_options {
    limits bounds;
    /// Origins whose pages may read answers and open WebSockets; `*` for any.
    std::vector<std::string> cors_origins;
    /// May be null; must outlive the service.
    observer* watch = nullptr;
    /// Whether every answered request becomes a line of the log.
    bool log_requests = false;
};

/// Filled with endpoints first, then given to a server; from then on it is only read, from any
/// thread, and must outlive the server.
class http_service {
public:
    explicit http_service(service_options options);

    /// Throws std::invalid_argument for a malformed or repeated path.
    void add(endpoint route);

    /// A path without parameters that only this method finds: with another one it is no path at
    /// all. For other processes of this instance.
    void add_hidden(endpoint route);

    /// Where a request goes: to an endpoint, or without one at once to an answer.
    struct destination {
        const endpoint* target = nullptr;
        response answer;
    };

    /// Looks the request's path up, fills its route and path parameters (kept in `match` and
    /// `parameters`) and checks what an upgrade to WebSocket needs.
    destination route(request& what, path_match& match, std::vector<path_parameter>& parameters)
        const;

    /// Runs the endpoint's handler and turns its exceptions into answers.
    task<response> answer(const endpoint& target, request& what) const;

    /// The answer to an exception that left a handler, which is logged.
    [[nodiscard]] response answer_to(const std::exception_ptr& failure, const request& what) const;

    /// Every route, in the order added.
    [[nodiscard]] const std::vector<endpoint>& endpoints() const { return endpoints_; }

    /// Appends the lines that every answer has: security and CORS.
    void append_common_headers(std::string& out, const request& from, const response& to) const;

    [[nodiscard]] const limits& bounds() const { return options_.bounds; }

    [[nodiscard]] observer* watch() const { return options_.watch; }

    [[nodiscard]] bool logs_requests() const { return options_.log_requests; }

private:
    service_options options_;
    cors_policy cors_;
    router router_;
    std::vector<endpoint> endpoints_;
    std::vector<endpoint> hidden_;
};

}  // namespace teamflow::gateway
