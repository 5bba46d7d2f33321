#include "gateway/http/query_string.hpp"

#include <algorithm>

#include "gateway/http/percent.hpp"

namespace teamflow::gateway {

std::expected<query_string, std::string_view> query_string::parse(std::string_view text) {
    query_string parsed;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) {
            continue;
        }
        if (parsed.pairs_.size() == max_query_parameters) {
            return std::unexpected("there are too many query parameters");
        }
        const auto equals = std::min(pair.find('='), pair.size());
        auto& [name, value] = parsed.pairs_.emplace_back();
        if (!decode_percent(pair.substr(0, equals), name, true) ||
            !decode_percent(pair.substr(std::min(equals + 1, pair.size())), value, true)) {
            return std::unexpected("a query parameter is not percent-encoded UTF-8");
        }
    }
    return parsed;
}

std::optional<std::string_view> query_string::find(std::string_view name) const {
    for (const auto& [key, value] : pairs_) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> query_string::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : pairs_) {
        if (key == name) {
            values.emplace_back(value);
        }
    }
    return values;
}

}  // namespace teamflow::gateway
