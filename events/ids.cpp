#include "events/ids.hpp"

#include <array>

namespace teamflow::events {

namespace {

constexpr std::size_t text_length = 36;

constexpr bool is_dash_position(std::size_t index) {
    return index == 8 || index == 13 || index == 18 || index == 23;
}

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

void append_to(std::string& out, const uuid& value) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, text_length> text{};
    std::size_t at = 0;
    for (const std::uint8_t byte : value) {
        if (is_dash_position(at)) {
            text[at++] = '-';
        }
        text[at++] = digits[byte >> 4U];
        text[at++] = digits[byte & 0xFU];
    }
    out.append(text.data(), text.size());
}

std::string to_string(const uuid& value) {
    std::string text;
    text.reserve(text_length);
    append_to(text, value);
    return text;
}

std::optional<uuid> parse_uuid(std::string_view text) {
    if (text.size() != text_length) {
        return std::nullopt;
    }
    uuid value{};
    std::size_t at = 0;
    for (std::uint8_t& byte : value) {
        if (is_dash_position(at)) {
            if (text[at] != '-') {
                return std::nullopt;
            }
            ++at;
        }
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        byte = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return value;
}

uuid make_uuid_v7(std::int64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low) {
    uuid value{};
    const auto time = static_cast<std::uint64_t>(unix_ms);
    for (std::size_t i = 0; i < 6; ++i) {
        value.data[i] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
    }
    value.data[6] = static_cast<std::uint8_t>(0x70U | ((random_high >> 8U) & 0x0FU));
    value.data[7] = static_cast<std::uint8_t>(random_high);
    for (std::size_t i = 0; i < 8; ++i) {
        value.data[8 + i] = static_cast<std::uint8_t>(random_low >> (56 - 8 * i));
    }
    value.data[8] = static_cast<std::uint8_t>(0x80U | (value.data[8] & 0x3FU));
    return value;
}

std::int64_t unix_ms_of(const uuid& value) {
    std::int64_t time = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        time = time << 8 | value.data[i];
    }
    return time;
}

}  // namespace teamflow::events
