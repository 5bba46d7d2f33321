#include "commands/formats.hpp"

#include <algorithm>

namespace teamflow::commands {

namespace {

// Not <cctype>: these must not depend on the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_letter(char c) {
    return is_capital(c) || (c >= 'a' && c <= 'z');
}

constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// One part of a domain name between dots.
bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) {
               return is_letter(c) || is_digit(c) || c == '-';
           });
}

bool is_domain(std::string_view text) {
    for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
        if (!is_label(text.substr(0, dot))) {
            return false;
        }
        text.remove_prefix(dot + 1);
    }
    return is_label(text);
}

}  // namespace

bool project_key_format::matches(std::string_view text) {
    return text.size() >= 2 && text.size() <= 10 && is_capital(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_capital(c) || is_digit(c); });
}

bool colour_format::matches(std::string_view text) {
    return text.size() == 7 && text.front() == '#' &&
           std::ranges::all_of(text.substr(1), is_hex_digit);
}

bool email_format::matches(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) {
        return false;
    }
    const auto local = text.substr(0, at);
    const auto domain = text.substr(at + 1);
    const auto is_plain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; };
    return std::ranges::all_of(local, is_plain) && is_domain(domain);
}

}  // namespace teamflow::commands
