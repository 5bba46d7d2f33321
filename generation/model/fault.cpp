#include "generation/model/fault.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace teamflow::generation {

namespace {

struct code_point {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
};

/// Of text that is UTF-8; a byte that is not stands for itself.
code_point first_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const std::size_t bytes = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC0 ? 2 : 1;
    if (bytes == 1 || text.size() < bytes) {
        return {byte(0), 1};
    }
    std::uint32_t value = byte(0) & (0x7FU >> bytes);
    for (std::size_t at = 1; at < bytes; ++at) {
        value = value << 6U | (byte(at) & 0x3FU);
    }
    return {value, bytes};
}

/// What a terminal obeys, hides or turns around.
bool is_hidden(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::string shown(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const auto [value, bytes] = first_of(text);
        if (is_hidden(value)) {
            made += fmt::format("\\u{:04x}", value);
        } else {
            made += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return made;
}

}  // namespace

std::string to_string(const fault& what) {
    std::string text;
    if (what.line > 0) {
        text += "line " + std::to_string(what.line) + ": ";
    }
    if (!what.path.empty()) {
        text += what.path + ": ";
    }
    return shown(text + what.message);
}

}  // namespace teamflow::generation
