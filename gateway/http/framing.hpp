#pragma once
// The strict reading of a request's head: what two parsers could understand differently is refused.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "gateway/http/limits.hpp"

namespace teamflow::gateway {

/// Why a request was refused before it was understood. All texts are literals.
struct framing_error {
    unsigned status = 400;
    std::string_view code;
    std::string_view detail;
};

struct header_field {
    std::string_view name;
    /// Without surrounding white space.
    std::string_view value;
};

/// A request's head; all views point into the bytes it was parsed from.
struct request_head {
    std::string_view method;
    /// As sent.
    std::string_view target;
    /// The target's path, and what follows its question mark.
    std::string_view path;
    std::string_view query;
    std::string_view host;
    std::vector<header_field> fields;
    std::uint64_t content_length = 0;
    bool http_1_0 = false;
    bool chunked = false;
    bool keep_alive = true;
    bool expects_continue = false;

    [[nodiscard]] bool has_body() const { return chunked || content_length > 0; }

    /// The first field of that name in any case; nullptr when there is none.
    [[nodiscard]] const header_field* find(std::string_view name) const;
};

/// ASCII comparison without regard to case.
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Whether the comma-separated `list` holds `token`, in any case.
bool list_contains(std::string_view list, std::string_view token);

/// A token of RFC 9110, 5.6.2.
bool is_token(std::string_view text);

/// The length of the head in `bytes`, its empty line included, or 0 while the end is not there.
/// `scanned` is the place to go on from: 0 for a new request, then handed back unchanged.
/// Errors: a line feed without carriage return or the other way round; more than the limits.
std::expected<std::size_t, framing_error> find_head_end(
    std::string_view bytes, std::size_t& scanned, const limits& bounds
);

/// Reads a whole head (as delimited by find_head_end) into `head`, whose memory is used again.
/// Source: RFC 9112, stricter where it leaves room: Transfer-Encoding must be exactly `chunked`,
/// on HTTP/1.1, alone and without Content-Length; one Host; no folded lines; fields that only make
/// sense once are refused when repeated.
std::expected<void, framing_error> parse_head(
    std::string_view bytes, request_head& head, const limits& bounds
);

}  // namespace teamflow::gateway
