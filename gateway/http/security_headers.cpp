#include "gateway/http/security_headers.hpp"

#include "gateway/http/response.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::string_view always =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n";
constexpr std::string_view no_store = "Cache-Control: no-store\r\n";
constexpr std::string_view nothing_embedded =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
constexpr std::string_view tls_only =
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";

}  // namespace

void append_security_headers(std::string& out, const response& answer, bool over_tls) {
    out += always;
    const bool own = !answer.header_lines().empty();
    if (!own || !answer.header("Cache-Control")) {
        out += no_store;
    }
    if (!own || !answer.header("Content-Security-Policy")) {
        out += nothing_embedded;
    }
    if (over_tls) {
        out += tls_only;
    }
}

}  // namespace teamflow::gateway
