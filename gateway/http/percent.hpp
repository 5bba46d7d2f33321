#pragma once
// The strict decoding of percent-encoded text.

#include <string>
#include <string_view>

namespace teamflow::gateway {

/// Whether `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
bool is_utf8(std::string_view text);

/// Appends `text` with its escapes decoded; `plus_is_blank` as in forms. False, with `out` in an
/// unspecified state, when an escape is malformed or the result is no UTF-8 or has a NUL.
bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank);

}  // namespace teamflow::gateway
