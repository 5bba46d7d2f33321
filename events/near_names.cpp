#include "events/near_names.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "events/json/described.hpp"
#include "events/registry.hpp"
#include "events/stream.hpp"

namespace teamflow::events {

namespace {

constexpr std::size_t offered_max = 3;
constexpr std::size_t length_max = 100;
constexpr std::size_t changes_free = 2;
constexpr std::size_t letters_a_change = 3;
/// So much farther than the nearest is near, too.
constexpr std::size_t spread = 1;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// How many letters have to be put in, left out or replaced (Levenshtein).
std::size_t changes_between(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t k = 0; k < right.size(); ++k) {
            const std::size_t replaced = diagonal + (lower(left[i]) == lower(right[k]) ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, row[k + 1] + 1});
        }
    }
    return row.back();
}

bool is_last_part(std::string_view name, std::string_view of) {
    return !name.empty() && of.size() > name.size() && of.ends_with(name) &&
           of[of.size() - name.size() - 1] == '.';
}

constexpr std::size_t uuid_length = 36;

/// What the names of streams begin with, up to the dash before the id.
std::vector<std::string> stream_prefixes() {
    std::vector<std::string> names;
    const auto add = [&](auto descriptor) {
        names.emplace_back(json::enum_name(descriptor.value));
        std::ranges::replace(names.back(), '_', '-');
    };
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<stream_kind>>(add);
    return names;
}

/// With an id at its end all that stands before it, else what stands before the first dash.
std::string_view prefix_of(std::string_view name) {
    return id_of(name) ? name.substr(0, name.size() - uuid_length - 1)
                       : name.substr(0, name.find('-'));
}

}  // namespace

std::vector<std::string_view> near_names(
    std::string_view name, std::span<const std::string_view> known
) {
    if (name.empty() || name.size() > length_max) {
        return {};
    }
    // One letter of its own has to stay.
    const std::size_t changes_max =
        std::min(std::max(changes_free, name.size() / letters_a_change), name.size() - 1);
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const auto each : known) {
        const auto changes = is_last_part(name, each) ? 0 : changes_between(name, each);
        if (changes <= changes_max) {
            found.emplace_back(changes, each);
        }
    }
    std::ranges::sort(found);
    std::vector<std::string_view> names;
    for (const auto& [changes, each] : found) {
        if (names.size() < offered_max && changes <= found.front().first + spread) {
            names.push_back(each);
        }
    }
    return names;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
    const auto names = near_names(name, known);
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "; did you mean " : i + 1 == names.size() ? " or " : ", ";
        text += names[i];
    }
    return text.empty() ? text : text + '?';
}

std::string did_you_mean_type(std::string_view type) {
    std::vector<std::string_view> known;
    for (const auto& each : event_types()) {
        known.push_back(each.type);
    }
    return did_you_mean(type, known);
}

bool is_stream_name(std::string_view name) {
    if (kind_of(name) == stream_kind::read_model) {
        return true;
    }
    const auto known = stream_prefixes();
    const auto prefix = prefix_of(name);
    return std::ranges::find(known, prefix) != known.end() && (id_of(name) || prefix == "email");
}

std::string did_you_mean_stream(std::string_view name) {
    const auto prefixes = stream_prefixes();
    const std::vector<std::string_view> known(prefixes.begin(), prefixes.end());
    const auto prefix = prefix_of(name);
    return std::ranges::find(known, prefix) != known.end() ? "" : did_you_mean(prefix, known);
}

}  // namespace teamflow::events
