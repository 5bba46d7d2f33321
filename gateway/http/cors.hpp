#pragma once
// Which web pages of other origins may read answers and open WebSockets.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

namespace teamflow::gateway {

/// An allow-list of origins (`https://app.example.org`), `*` for any. Immutable.
class cors_policy {
public:
    explicit cors_policy(std::vector<std::string> origins = {}) : origins_(std::move(origins)) {}

    /// Appends what lets the request's origin read the answer; nothing when it may not.
    void append_headers(std::string& out, const request& from) const;

    /// The answer to a preflight request (OPTIONS with Access-Control-Request-Method) on a path
    /// that has the methods `allow`.
    [[nodiscard]] response preflight(const request& from, std::string_view allow) const;

    /// Whether a browser page may open a WebSocket: no Origin (no browser), the server's own, or
    /// one of the list.
    [[nodiscard]] bool may_open_websocket(const request& from) const;

private:
    [[nodiscard]] bool is_listed(std::string_view origin) const;

    std::vector<std::string> origins_;
};

}  // namespace teamflow::gateway
