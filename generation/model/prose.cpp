#include "generation/model/prose.hpp"

#include <algorithm>

namespace teamflow::generation {

bool is_prose(std::string_view text, std::size_t max) {
    return text.size() <= max && std::ranges::none_of(text, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!is_blank) {
            line += c;
        } else if (!line.empty() && !line.ends_with(' ')) {
            line += ' ';
        }
    }
    if (line.ends_with(' ')) {
        line.pop_back();
    }
    return line;
}

bool is_path(std::string_view text) {
    if (!text.starts_with('/') || text.size() > max_path || text.ends_with('/') ||
        text.contains("//")) {
        return false;
    }
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-';
    });
}

bool is_version(std::string_view text) {
    int numbers = 1;
    bool digit = false;
    for (const char c : text) {
        if (c == '.') {
            if (!digit) {
                return false;
            }
            numbers += 1;
            digit = false;
        } else if (c >= '0' && c <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return digit && numbers == 3 && text.size() <= 30;
}

}  // namespace teamflow::generation
