#include "gateway/http/percent.hpp"

#include <cstddef>

namespace teamflow::gateway {

namespace {

constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

struct sequence {
    std::size_t length;
    unsigned lowest_second;
    unsigned highest_second;
};

/// What may follow a first byte (RFC 3629, 4); length 0 for a byte that cannot be first.
constexpr sequence sequence_of(unsigned first) {
    if (first < 0x80) {
        return {1, 0, 0};
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return {2, 0x80, 0xbf};
    }
    if (first >= 0xe0 && first <= 0xef) {
        return {3, first == 0xe0 ? 0xa0U : 0x80U, first == 0xed ? 0x9fU : 0xbfU};
    }
    if (first >= 0xf0 && first <= 0xf4) {
        return {4, first == 0xf0 ? 0x90U : 0x80U, first == 0xf4 ? 0x8fU : 0xbfU};
    }
    return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        const auto expected = sequence_of(byte(i));
        if (expected.length == 0 || i + expected.length > text.size()) {
            return false;
        }
        if (expected.length > 1 &&
            (byte(i + 1) < expected.lowest_second || byte(i + 1) > expected.highest_second)) {
            return false;
        }
        for (std::size_t k = 2; k < expected.length; ++k) {
            if ((byte(i + k) & 0xc0U) != 0x80U) {
                return false;
            }
        }
        i += expected.length;
    }
    return true;
}

bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank) {
    const auto start = out.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) {
                return false;
            }
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) {
                return false;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0') {
            return false;
        }
        out += c;
    }
    return is_utf8(std::string_view(out).substr(start));
}

}  // namespace teamflow::gateway
