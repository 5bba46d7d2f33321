#include "commands/ranks.hpp"

#include <algorithm>
#include <cstddef>

namespace teamflow::commands {

// A rank is a fraction 0.d1d2d3… in base 36 without trailing zeros, so that there is always another
// one between two different ranks, and byte order is numeric order.

namespace {

constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr int base = 36;
constexpr char middle = 'i';

/// Milliseconds since 1970 fit until the year 5188.
constexpr std::size_t time_digits = 9;
constexpr std::size_t salt_digits = 4;

int digit_at(std::string_view rank, std::size_t i) {
    return i < rank.size() ? static_cast<int>(digits.find(rank[i])) : 0;
}

void append_number(std::string& out, std::uint64_t number, std::size_t width) {
    const std::size_t begin = out.size();
    out.append(width, '0');
    for (std::size_t i = begin + width; i > begin && number > 0; --i) {
        out[i - 1] = digits[number % base];
        number /= base;
    }
}

std::uint64_t leading_number(std::string_view rank) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < time_digits; ++i) {
        number = number * base + static_cast<std::uint64_t>(digit_at(rank, i));
    }
    return number;
}

constexpr std::uint64_t power(std::size_t exponent) {
    std::uint64_t number = 1;
    for (std::size_t i = 0; i < exponent; ++i) {
        number *= base;
    }
    return number;
}

std::string with_leading_number(std::uint64_t number) {
    std::string rank;
    append_number(rank, number, time_digits);
    rank += middle;
    return rank;
}

/// Greater than `rank`, bounded by nothing: half of what is left above its first digit that leaves
/// room.
std::string above(std::string_view rank) {
    const std::size_t room = rank.find_first_not_of(digits.back());
    if (room == std::string_view::npos) {
        return std::string(rank) + middle;
    }
    std::string result(rank.substr(0, room));
    result += digits[static_cast<std::size_t>((digit_at(rank, room) + base) / 2)];
    return result;
}

std::string midpoint(std::string_view lower, std::string_view upper) {
    std::size_t i = 0;
    while (i < upper.size() && digit_at(lower, i) == digit_at(upper, i)) {
        ++i;
    }
    std::string result(upper.substr(0, i));
    const int low = digit_at(lower, i);
    const int high = digit_at(upper, i);
    if (high - low > 1) {
        result += digits[static_cast<std::size_t>((low + high) / 2)];
    } else if (i + 1 < upper.size()) {
        result += digits[static_cast<std::size_t>(high)];
    } else {
        result += digits[static_cast<std::size_t>(low)];
        result += above(lower.substr(std::min(i + 1, lower.size())));
    }
    return result;
}

}  // namespace

std::string rank_at_end(events::timestamp now, std::uint64_t salt) {
    const auto since_epoch = now.time_since_epoch().count();
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch, 0));
    std::string rank;
    append_number(rank, std::min(ms, power(time_digits) - 1), time_digits);
    append_number(rank, salt % power(salt_digits), salt_digits);
    rank += middle;
    return rank;
}

std::string rank_between(std::string_view lower, std::string_view upper) {
    if (lower.empty() && upper.empty()) {
        return std::string(1, middle);
    }
    if (upper.empty()) {
        const std::uint64_t number = leading_number(lower);
        return number + 1 < power(time_digits) ? with_leading_number(number + 1) : above(lower);
    }
    if (lower.empty()) {
        const std::uint64_t number = leading_number(upper);
        return number > 0 ? with_leading_number(number - 1) : midpoint(lower, upper);
    }
    return midpoint(lower, upper);
}

}  // namespace teamflow::commands
