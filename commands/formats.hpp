#pragma once
// Texts that must have a form of their own, as types of command fields.

#include <string_view>

#include "events/json/types.hpp"

namespace teamflow::commands {

struct project_key_format {
    static constexpr std::string_view pattern = "^[A-Z][A-Z0-9]{1,9}$";
    static constexpr std::string_view expected =
        "2 to 10 capital letters and digits, beginning with a letter";
    static bool matches(std::string_view text);
};

struct colour_format {
    static constexpr std::string_view pattern = "^#[0-9A-Fa-f]{6}$";
    static constexpr std::string_view expected = "a colour such as #1e90ff";
    static bool matches(std::string_view text);
};

/// An address that mail can be sent to, as far as its form tells: at most 254 octets (RFC 5321),
/// one @ with something before it and a dotted name of letters, digits and hyphens after it.
struct email_format {
    static constexpr std::string_view pattern = "^[^@\\s]{1,64}@[A-Za-z0-9.-]{1,189}$";
    static constexpr std::string_view expected = "an e-mail address";
    static bool matches(std::string_view text);
};

using project_key = events::json::formatted<project_key_format>;
using colour = events::json::formatted<colour_format>;
using email_address = events::json::formatted<email_format>;

}  // namespace teamflow::commands
