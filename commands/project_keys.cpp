#include <algorithm>

#include "commands/project.hpp"

namespace teamflow::commands {

namespace {

constexpr std::size_t derived_length = 4;

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_key_character(char c) {
    return is_capital(c) || (c >= '0' && c <= '9');
}

char to_capital(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// `Web site 2` gives `WS2`, `Website` gives `WEBS`, before uniqueness.
std::string stem_of(std::string_view name) {
    std::string letters;
    std::string initials;
    bool inside = false;
    for (const char raw : name) {
        const char c = to_capital(raw);
        if (is_key_character(c)) {
            letters += c;
            if (!inside) {
                initials += c;
            }
        }
        inside = is_key_character(c);
    }
    std::string stem = initials.size() >= 2 ? initials : letters;
    stem.erase(stem.begin(), std::ranges::find_if(stem, is_capital));
    stem.resize(std::min(stem.size(), derived_length));
    return stem.size() < 2 ? "PR" : stem;
}

}  // namespace

std::string make_project_key(std::string_view name, const directory& directory) {
    const std::string stem = stem_of(name);
    std::string key = stem;
    // Ends: an organization has fewer projects than there are numbers, and six digits still fit.
    for (int n = 2; directory.project_by_key(key); ++n) {
        key = stem + std::to_string(n);
    }
    return key;
}

}  // namespace teamflow::commands
