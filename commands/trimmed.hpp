#pragma once
// Text without the white space around it.

#include <string_view>

namespace teamflow::commands {

/// The part of `text` between leading and trailing blanks, tabs and newlines; empty if there is
/// nothing else.
inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace teamflow::commands
