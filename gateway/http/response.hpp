#pragma once
// An answer as handlers give it.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/body_writer.hpp"
#include "gateway/http/websocket.hpp"

namespace teamflow::gateway {

namespace media {
inline constexpr std::string_view json = "application/json";
inline constexpr std::string_view problem_json = "application/problem+json";
inline constexpr std::string_view ndjson = "application/x-ndjson";
inline constexpr std::string_view csv = "text/csv; charset=utf-8";
inline constexpr std::string_view event_stream = "text/event-stream";
inline constexpr std::string_view html = "text/html; charset=utf-8";
inline constexpr std::string_view text = "text/plain; charset=utf-8";
}  // namespace media

/// Text that several answers share (a cached document).
using shared_text = std::shared_ptr<const std::string>;

/// The transport adds Date, Content-Length or Transfer-Encoding, Connection, X-Request-ID, the
/// security headers and those of CORS; handlers add the rest.
class response {
public:
    using body_type = std::variant<std::string, shared_text, body_producer, websocket_acceptance>;

    unsigned status = 200;
    /// A literal, or text that outlives the answer; empty for none.
    std::string_view content_type;
    body_type body;

    /// Throws std::invalid_argument for a name that is no token or a value with control characters.
    void add_header(std::string_view name, std::string_view value);

    /// The first field added with that name, in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

    /// All added fields as header lines, each with its CRLF.
    [[nodiscard]] const std::string& header_lines() const { return header_lines_; }

private:
    std::string header_lines_;
};

/// `text` must be JSON.
response json_response(unsigned status, std::string text);

/// An answer without body: 204, or a 200 to OPTIONS.
response empty_response(unsigned status);

/// The reason phrase of a status that this server sends (RFC 9110, 15).
std::string_view reason_phrase(unsigned status);

}  // namespace teamflow::gateway
