#pragma once
// The request methods that routes may have.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace teamflow::gateway {

/// `other` is any well-formed method that no route has (TRACE, PROPFIND, …).
enum class method : std::uint8_t { get, head, post, put, patch, del, options, other };

inline constexpr std::array<std::string_view, 8> method_names = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"
};

inline constexpr std::size_t method_count = method_names.size() - 1;

constexpr std::string_view to_string(method verb) {
    return method_names[static_cast<std::size_t>(verb)];
}

/// Methods are case-sensitive (RFC 9110, 9.1).
constexpr method parse_method(std::string_view text) {
    for (std::size_t i = 0; i < method_count; ++i) {
        if (method_names[i] == text) {
            return static_cast<method>(i);
        }
    }
    return method::other;
}

}  // namespace teamflow::gateway
