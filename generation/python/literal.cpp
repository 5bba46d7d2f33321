#include "generation/python/literal.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "events/json/write.hpp"

namespace teamflow::generation::python {

namespace {

namespace bj = boost::json;

/// Where the code point ends that begins at `from`, in well-formed UTF-8.
std::size_t next_code_point(std::string_view text, std::size_t from) {
    if (from >= text.size()) {
        return text.size();
    }
    const auto lead = static_cast<unsigned char>(text[from]);
    return from + (lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
}

/// Calls each(code point) for well-formed UTF-8.
template <class Each>
void for_each_code_point(std::string_view text, Each&& each) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = next_code_point(text, i) - i;
        std::uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
        }
        each(point);
        i += length;
    }
}

std::string escaped(std::string_view text, char quote) {
    std::string made;
    for_each_code_point(text, [&](std::uint32_t point) {
        if (point == static_cast<std::uint32_t>(quote) || point == '\\') {
            made += '\\';
            made += static_cast<char>(point);
        } else if (point == '\n') {
            made += "\\n";
        } else if (point == '\t') {
            made += "\\t";
        } else if (point >= 0x20 && point < 0x7F) {
            made += static_cast<char>(point);
        } else if (point < 0x100) {
            made += fmt::format("\\x{:02x}", point);
        } else {
            made +=
                point < 0x10000 ? fmt::format("\\u{:04x}", point) : fmt::format("\\U{:08x}", point);
        }
    });
    return made;
}

}  // namespace

std::string string(std::string_view text) {
    // Whatever needs fewer escapes; double quotes where both need as many.
    const bool is_single = std::ranges::count(text, '"') > std::ranges::count(text, '\'');
    const char quote = is_single ? '\'' : '"';
    return quote + escaped(text, quote) + quote;
}

std::vector<std::string> pieces(std::string_view text, std::size_t room) {
    std::vector<std::string> all;
    do {
        std::size_t fits = 0;
        std::size_t after_blank = 0;
        for (std::size_t end = next_code_point(text, 0);
             fits < text.size() && string(text.substr(0, end)).size() <= room;
             end = next_code_point(text, end)) {
            fits = end;
            after_blank = text[end - 1] == ' ' ? end : after_blank;
        }
        const std::size_t end = fits < text.size() && after_blank > 0 ? after_blank : fits;
        all.push_back(string(text.substr(0, end)));
        text.remove_prefix(end);
    } while (!text.empty());
    return all;
}

std::string docstring(std::string_view text) {
    const std::size_t from = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t to = text.find_last_not_of(' ') + 1;
    const std::string inside = escaped(text.substr(from, from < to ? to - from : 0), '"');
    return R"(""")" + inside + R"(""")";
}

std::string pattern(std::string_view text) {
    if (text.contains('"') || text.ends_with('\\')) {
        return string(text);
    }
    return "r\"" + std::string(text) + "\"";
}

std::string value(const bj::value& of) {
    switch (of.kind()) {
        case bj::kind::null:
            return "None";
        case bj::kind::bool_:
            return of.get_bool() ? "True" : "False";
        case bj::kind::string:
            return string(of.get_string());
        case bj::kind::double_: {
            std::string made;
            events::json::write_number(made, of.get_double());
            return made.find_first_of(".e") == std::string::npos ? made + ".0" : made;
        }
        case bj::kind::array: {
            std::string made;
            for (const auto& each : of.get_array()) {
                made += (made.empty() ? "" : ", ") + value(each);
            }
            return "[" + made + "]";
        }
        case bj::kind::object: {
            std::string made;
            for (const auto& member : of.get_object()) {
                made += (made.empty() ? "" : ", ") + string(member.key()) + ": " +
                        value(member.value());
            }
            return "{" + made + "}";
        }
        default:
            return bj::serialize(of);
    }
}

std::string markdown(std::string_view text) {
    std::string made;
    for (const char c : text) {
        if (std::string_view("\\`*_{}[]<>()#+-.!|~&").contains(c)) {
            made += '\\';
        }
        made += c == '\n' || c == '\r' ? ' ' : c;
    }
    return made;
}

std::string quoted(std::string_view text) {
    std::string made = "\"";
    for_each_code_point(text, [&](std::uint32_t point) {
        if (point == '"' || point == '\\') {
            made += '\\';
            made += static_cast<char>(point);
        } else if (point >= 0x20 && point < 0x7F) {
            made += static_cast<char>(point);
        } else if (point < 0x10000) {
            made += fmt::format("\\u{:04x}", point);
        } else {
            // JSON escapes it as two halves, which TOML refuses: as it is, all take it.
            made += static_cast<char>(0xF0U | (point >> 18U));
            made += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
            made += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
            made += static_cast<char>(0x80U | (point & 0x3FU));
        }
    });
    return made + "\"";
}

}  // namespace teamflow::generation::python
