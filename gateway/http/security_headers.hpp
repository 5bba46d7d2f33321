#pragma once
// The header lines that every answer carries for the sake of browsers.

#include <string>
#include <string_view>

namespace teamflow::gateway {

class response;

/// Appends them to `out`, each with its CRLF. Cache-Control and Content-Security-Policy are left
/// out where the answer has its own; Strict-Transport-Security is for TLS only.
void append_security_headers(std::string& out, const response& answer, bool over_tls);

}  // namespace teamflow::gateway
