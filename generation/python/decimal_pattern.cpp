#include "generation/python/decimal_pattern.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "generation/model/samples.hpp"

namespace teamflow::generation::python {

namespace {

using alternatives = std::vector<std::string>;

/// A number of zero or more, as its digits before the point and all of those behind it.
struct amount {
    std::string whole;
    std::string fraction;
};

bool all(std::string_view digits, char which) {
    return std::ranges::all_of(digits, [which](char c) { return c == which; });
}

std::string digit_between(char low, char high) {
    return low == high ? std::string(1, low) : fmt::format("[{}-{}]", low, high);
}

/// Any digits, so many of them.
std::string digits(std::size_t count) {
    return count == 0 ? "" : count == 1 ? "[0-9]" : fmt::format("[0-9]{{{}}}", count);
}

std::string digits_up_to(std::size_t count) {
    return count == 0 ? "" : fmt::format("[0-9]{{0,{}}}", count);
}

/// Numbers of as many digits as `low` and `high` have, from one to the other.
void same_length(
    const std::string& before, std::string_view low, std::string_view high, alternatives& into
) {
    if (low.empty()) {
        into.push_back(before);
    } else if (low.front() == high.front()) {
        same_length(before + low.front(), low.substr(1), high.substr(1), into);
    } else {
        const std::size_t rest = low.size() - 1;
        char first = low.front();
        char last = high.front();
        if (!all(low.substr(1), '0')) {
            same_length(before + first, low.substr(1), std::string(rest, '9'), into);
            ++first;
        }
        const bool ends_before = !all(high.substr(1), '9');
        last = static_cast<char>(last - (ends_before ? 1 : 0));
        if (first <= last) {
            into.push_back(before + digit_between(first, last) + digits(rest));
        }
        if (ends_before) {
            same_length(before + high.front(), std::string(rest, '0'), high.substr(1), into);
        }
    }
}

bool is_less(const std::string& left, const std::string& right) {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

/// Whole numbers from one to the other, without leading zeros.
alternatives whole_between(const std::string& low, const std::string& high) {
    alternatives made;
    // Sizes of which every number is one of them: they are one alternative together.
    std::size_t first_full = 0;
    std::size_t last_full = 0;
    for (std::size_t size = low.size(); size <= high.size(); ++size) {
        const std::string least = size == 1 ? "0" : "1" + std::string(size - 1, '0');
        const std::string most(size, '9');
        const std::string& from = size == low.size() ? low : least;
        const std::string& to = size == high.size() ? high : most;
        if (size > 1 && from == least && to == most) {
            first_full = first_full == 0 ? size : first_full;
            last_full = size;
        } else {
            same_length("", from, to, made);
        }
    }
    if (first_full != 0) {
        made.push_back(fmt::format("[1-9][0-9]{{{},{}}}", first_full - 1, last_full - 1));
    }
    return made;
}

/// Fractions that are no greater; none at all is one of them, and is left to the caller.
alternatives fraction_up_to(const std::string& most) {
    alternatives made;
    for (std::size_t i = 0; i < most.size(); ++i) {
        if (most[i] > '0') {
            made.push_back(
                most.substr(0, i) + digit_between('0', static_cast<char>(most[i] - 1)) +
                digits_up_to(most.size() - 1 - i)
            );
        }
        made.push_back(most.substr(0, i + 1));
    }
    return made;
}

alternatives fraction_from(const std::string& least) {
    alternatives made;
    for (std::size_t i = 0; i < least.size(); ++i) {
        if (least[i] < '9') {
            made.push_back(
                least.substr(0, i) + digit_between(static_cast<char>(least[i] + 1), '9') +
                digits_up_to(least.size() - 1 - i)
            );
        }
    }
    const std::size_t used = least.find_last_not_of('0') + 1;
    const std::size_t zeros = least.size() - used;
    made.push_back(least.substr(0, used) + (zeros > 0 ? fmt::format("0{{0,{}}}", zeros) : ""));
    return made;
}

std::string one_of(const alternatives& those) {
    std::string made;
    for (const auto& each : those) {
        made += (made.empty() ? "" : "|") + each;
    }
    return those.size() == 1 ? made : "(" + made + ")";
}

std::string plus_one(std::string whole) {
    std::size_t i = whole.size();
    while (i > 0 && whole[i - 1] == '9') {
        whole[--i] = '0';
    }
    if (i == 0) {
        return "1" + whole;
    }
    ++whole[i - 1];
    return whole;
}

std::string minus_one(std::string whole) {
    std::size_t i = whole.size();
    while (whole[i - 1] == '0') {
        whole[--i] = '9';
    }
    --whole[i - 1];
    return whole.size() > 1 && whole.front() == '0' ? whole.substr(1) : whole;
}

/// From one to the other; both are zero or more.
alternatives between(const amount& low, const amount& high) {
    const std::size_t places = high.fraction.size();
    const std::string any = places == 0   ? ""
                            : places == 1 ? R"((\.[0-9])?)"
                                          : fmt::format(R"((\.[0-9]{{1,{}}})?)", places);
    if (low.whole == high.whole) {
        return {low.whole + any};
    }
    std::string first = low.whole;
    std::string last = high.whole;
    alternatives made;
    if (!all(low.fraction, '0')) {
        made.push_back(low.whole + "\\." + one_of(fraction_from(low.fraction)));
        first = plus_one(first);
    }
    const bool ends_within = !all(high.fraction, '9');
    if (ends_within) {
        last = minus_one(last);
    }
    if (!is_less(last, first)) {
        made.push_back(one_of(whole_between(first, last)) + any);
    }
    if (ends_within) {
        const std::string fraction = one_of(fraction_up_to(high.fraction));
        made.push_back(high.whole + "(\\." + fraction + ")?");
    }
    return made;
}

amount amount_of(double value, int places) {
    const std::string text = fmt::format("{:.{}f}", std::abs(value), places);
    const auto point = std::min(text.find('.'), text.size());
    return {text.substr(0, point), point < text.size() ? text.substr(point + 1) : ""};
}

}  // namespace

std::string decimal_pattern(const field& of) {
    const int places = places_of(of);
    const auto whole_digits = static_cast<std::size_t>(digits_of(of) - places);
    const amount nothing = amount_of(0, places);
    const amount most{
        std::string(whole_digits, '9'), std::string(static_cast<std::size_t>(places), '9')
    };
    const amount high = of.max ? amount_of(*of.max, places) : most;
    const amount low = of.min ? amount_of(*of.min, places) : most;
    const bool has_negative = !of.min || *of.min < 0;
    const bool has_positive = !of.max || *of.max >= 0;
    if (has_negative && has_positive && low.whole == high.whole && low.fraction == high.fraction) {
        return "^-?" + one_of(between(nothing, high)) + "$";
    }
    alternatives made;
    if (has_negative) {
        made.push_back("-" + one_of(between(has_positive ? nothing : high, low)));
    }
    if (has_positive) {
        const auto positive = between(has_negative ? nothing : low, high);
        made.insert(made.end(), positive.begin(), positive.end());
    }
    return "^" + one_of(made) + "$";
}

}  // namespace teamflow::generation::python
