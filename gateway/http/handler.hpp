#pragma once
// What the application registers with the transport: routes and the functions that answer them.

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "gateway/http/method.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "infra/asio.hpp"

namespace teamflow::gateway {

/// Answers one request, on the connection's thread. A streamed answer or an accepted WebSocket is
/// a body of its own (response::body). Exceptions: `unavailable` becomes 503, everything else 500.
using handler = std::function<task<response>(request&)>;

/// One row of the table of routes.
struct endpoint {
    method verb = method::get;
    /// A template such as `/api/v1/tasks/{id}`.
    std::string path;
    handler handle;
    /// Bytes; the default is limits::body_bytes.
    std::optional<std::uint32_t> body_limit = std::nullopt;
    /// Milliseconds; the default is limits::answer_ms.
    std::optional<std::uint32_t> answer_limit = std::nullopt;
    /// The handler is called for valid upgrade requests of an accepted origin only.
    bool is_websocket = false;
};

/// A dependency is not there now; the client should come again after `retry_after_s` seconds.
class unavailable : public std::runtime_error {
public:
    unavailable(std::string code, std::uint32_t retry_after_s, const std::string& detail)
        : std::runtime_error(detail), code_(std::move(code)), retry_after_s_(retry_after_s) {}

    [[nodiscard]] const std::string& code() const { return code_; }

    [[nodiscard]] std::uint32_t retry_after_s() const { return retry_after_s_; }

private:
    std::string code_;
    std::uint32_t retry_after_s_;
};

}  // namespace teamflow::gateway
