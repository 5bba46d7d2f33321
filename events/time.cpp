#include "events/time.hpp"

#include <array>
#include <charconv>

namespace teamflow::events {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

void append_number(std::string& out, unsigned value, std::size_t width) {
    std::array<char, 10> text{};
    for (std::size_t i = width; i-- > 0; value /= 10) {
        text[i] = static_cast<char>('0' + value % 10);
    }
    out.append(text.data(), width);
}

/// Takes exactly `width` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
    int value = 0;
    if (text.size() < width) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<date> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    const bool first_dash = take(text, '-');
    const auto month = take_number(text, 2);
    const bool second_dash = take(text, '-');
    const auto day = take_number(text, 2);
    if (!year || !first_dash || !month || !second_dash || !day) {
        return std::nullopt;
    }
    const date value{
        std::chrono::year{*year},
        std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}
    };
    // PostgreSQL has no year 0.
    return value.ok() && *year > 0 ? std::optional(value) : std::nullopt;
}

std::optional<milliseconds> take_time_of_day(std::string_view& text) {
    const auto hour = take_number(text, 2);
    const bool first_colon = take(text, ':');
    const auto minute = take_number(text, 2);
    const bool second_colon = take(text, ':');
    const auto second = take_number(text, 2);
    if (!hour || !first_colon || !minute || !second_colon || !second || *hour > 23 ||
        *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    int fraction_ms = 0;
    if (take(text, '.')) {
        std::size_t digits = 0;
        for (int weight = 100; !text.empty() && text.front() >= '0' && text.front() <= '9';
             weight /= 10, ++digits) {
            fraction_ms += weight * (text.front() - '0');
            text.remove_prefix(1);
        }
        if (digits == 0 || digits > 9) {
            return std::nullopt;
        }
    }
    return hours{*hour} + minutes{*minute} + seconds{*second} + milliseconds{fraction_ms};
}

std::optional<minutes> take_zone(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) {
        return minutes{0};
    }
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, west ? '-' : '+')) {
        return std::nullopt;
    }
    const auto hour = take_number(text, 2);
    const bool colon = take(text, ':');
    const auto minute = take_number(text, 2);
    if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    const minutes zone = hours{*hour} + minutes{*minute};
    return west ? -zone : zone;
}

}  // namespace

void append_to(std::string& out, date value) {
    append_number(out, static_cast<unsigned>(static_cast<int>(value.year())), 4);
    out += '-';
    append_number(out, static_cast<unsigned>(value.month()), 2);
    out += '-';
    append_number(out, static_cast<unsigned>(value.day()), 2);
}

std::string to_string(date value) {
    std::string text;
    append_to(text, value);
    return text;
}

void append_to(std::string& out, timestamp value) {
    const auto day = std::chrono::floor<days>(value);
    const auto in_day_ms = static_cast<unsigned>((value - day).count());
    append_to(out, date{day});
    out += 'T';
    append_number(out, in_day_ms / 3'600'000, 2);
    out += ':';
    append_number(out, in_day_ms / 60'000 % 60, 2);
    out += ':';
    append_number(out, in_day_ms / 1000 % 60, 2);
    out += '.';
    append_number(out, in_day_ms % 1000, 3);
    out += 'Z';
}

std::string to_string(timestamp value) {
    std::string text;
    text.reserve(24);
    append_to(text, value);
    return text;
}

std::optional<timestamp> parse_timestamp(std::string_view text) {
    const auto day = take_date(text);
    if (!day || (!take(text, 'T') && !take(text, 't'))) {
        return std::nullopt;
    }
    const auto in_day = take_time_of_day(text);
    if (!in_day) {
        return std::nullopt;
    }
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) {
        return std::nullopt;
    }
    const timestamp value = sys_days{*day} + *in_day - *zone;
    const auto year = date{std::chrono::floor<days>(value)}.year();
    const bool printable = year >= std::chrono::year{1} && year <= std::chrono::year{9999};
    return printable ? std::optional(value) : std::nullopt;
}

std::optional<date> parse_date(std::string_view text) {
    const auto value = take_date(text);
    return text.empty() ? value : std::nullopt;
}

}  // namespace teamflow::events
