#include "gateway/api/accept.hpp"

#include <algorithm>

#include "gateway/http/framing.hpp"

namespace teamflow::gateway {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes what stands before the next separator off the text.
std::string_view take_part(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return trimmed(part);
}

/// `0.8` as 800; what is no quality counts as 0, so that it is not chosen by accident.
int quality_of(std::string_view text) {
    if (text.empty() || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.') ||
        text.size() > 5) {
        return 0;
    }
    int thousandths = (text[0] - '0') * 1000;
    int unit = 100;
    for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (digit < '0' || digit > '9') {
            return 0;
        }
        thousandths += (digit - '0') * unit;
        unit /= 10;
    }
    return std::min(thousandths, 1000);
}

/// How closely a range means a type: 0 not at all, 3 by name.
int closeness(std::string_view range, std::string_view type) {
    if (equal_ignoring_case(range, type)) {
        return 3;
    }
    const auto family = type.substr(0, type.find('/') + 1);
    if (range.ends_with("/*") && equal_ignoring_case(range.substr(0, range.size() - 1), family)) {
        return 2;
    }
    return range == "*/*" ? 1 : 0;
}

/// The quality that the closest range gives to the type.
int quality_for(std::string_view accept, std::string_view type) {
    int best_closeness = 0;
    int quality = 0;
    while (!accept.empty()) {
        auto element = take_part(accept, ',');
        const auto range = take_part(element, ';');
        int given = 1000;
        while (!element.empty()) {
            const auto parameter = take_part(element, ';');
            if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
                given = quality_of(parameter.substr(2));
            }
        }
        const int close = closeness(range, type);
        if (close > best_closeness) {
            best_closeness = close;
            quality = given;
        }
    }
    return quality;
}

}  // namespace

std::optional<std::size_t> preferred_media(
    std::optional<std::string_view> accept, std::span<const std::string_view> offers
) {
    if (!accept || trimmed(*accept).empty()) {
        return 0;
    }
    std::optional<std::size_t> best;
    int best_quality = 0;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        const int quality = quality_for(*accept, offers[i]);
        if (quality > best_quality) {
            best_quality = quality;
            best = i;
        }
    }
    return best;
}

}  // namespace teamflow::gateway
