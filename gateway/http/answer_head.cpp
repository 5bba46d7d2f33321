#include "gateway/http/answer_head.hpp"

#include <array>
#include <charconv>

namespace teamflow::gateway {

namespace {

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 24> digits{};
    const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out += std::string_view(digits.data(), end);
}

}  // namespace

void append_answer_fields(
    std::string& out, const request& from, const response& to, const http_service& service
) {
    if (!to.content_type.empty()) {
        out.append("Content-Type: ").append(to.content_type).append("\r\n");
    }
    out += to.header_lines();
    out.append("X-Request-ID: ").append(from.request_id).append("\r\n");
    service.append_common_headers(out, from, to);
}

void append_answer_head(
    std::string& out,
    const request& from,
    const response& to,
    const answer_framing& framing,
    const http_service& service,
    std::string_view date_line
) {
    if (to.status == 200) {
        out += "HTTP/1.1 200 OK\r\n";
    } else {
        out += "HTTP/1.1 ";
        append_number(out, to.status);
        out.append(" ").append(reason_phrase(to.status)).append("\r\n");
    }
    out += date_line;
    append_answer_fields(out, from, to, service);
    if (!framing.content_length) {
        if (!framing.to_http_1_0) {
            out += "Transfer-Encoding: chunked\r\n";
        }
    } else if (!has_no_body(to.status)) {
        out += "Content-Length: ";
        append_number(out, *framing.content_length);
        out += "\r\n";
    }
    if (!framing.keep_alive) {
        out += "Connection: close\r\n";
    } else if (framing.to_http_1_0) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

}  // namespace teamflow::gateway
