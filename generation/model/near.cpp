#include "generation/model/near.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace teamflow::generation {

namespace {

constexpr std::size_t longest_compared = 64;
constexpr std::size_t most_listed = 20;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Levenshtein's distance.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t change = lower(left[i - 1]) == lower(right[j - 1]) ? 0 : 1;
            row[j] = std::min({diagonal + change, above + 1, row[j - 1] + 1});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::string nearest(std::string_view wanted, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = 0;
    for (const auto name : known) {
        if (name.size() > longest_compared || wanted.size() > longest_compared) {
            continue;
        }
        const std::size_t away = distance(wanted, name);
        const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
        if (away <= allowed && (best.empty() || away < best_distance)) {
            best = name;
            best_distance = away;
        }
    }
    return std::string(best);
}

std::string suggestion(std::string_view wanted, std::span<const std::string_view> known) {
    if (const std::string near = nearest(wanted, known); !near.empty()) {
        return " (did you mean `" + near + "`?)";
    }
    if (known.empty() || known.size() > most_listed) {
        return "";
    }
    std::string text = " (known: ";
    for (const auto name : known) {
        text += name == known.front() ? "" : ", ";
        text += name;
    }
    return text + ")";
}

}  // namespace teamflow::generation
