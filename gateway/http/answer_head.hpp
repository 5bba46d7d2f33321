#pragma once
// The text of an answer's head, written straight into the buffer that is sent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "gateway/http/service.hpp"

namespace teamflow::gateway {

struct answer_framing {
    /// Bytes; nullopt for a body that is streamed.
    std::optional<std::uint64_t> content_length;
    bool keep_alive = true;
    /// A streamed body then ends with the connection.
    bool to_http_1_0 = false;
};

/// Appends status line, fields and the empty line. `date_line` comes with its CRLF.
void append_answer_head(
    std::string& out,
    const request& from,
    const response& to,
    const answer_framing& framing,
    const http_service& service,
    std::string_view date_line
);

/// Appends the lines that a request's answer has beside framing, without the empty line: the
/// handler's own, X-Request-ID and those of every answer.
void append_answer_fields(
    std::string& out, const request& from, const response& to, const http_service& service
);

/// Whether an answer of that status has no body at all, not even an empty one (RFC 9110, 6.4.1).
constexpr bool has_no_body(unsigned status) {
    return status == 204 || status == 304;
}

}  // namespace teamflow::gateway
