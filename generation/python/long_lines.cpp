#include "generation/python/long_lines.hpp"

#include <optional>
#include <vector>

#include "generation/python/layout.hpp"

namespace teamflow::generation::python {

namespace {

constexpr std::string_view long_quotes = R"(""")";

/// The last brackets of a line, and where the commas between them are.
struct brackets {
    std::size_t open = 0;
    std::size_t close = 0;
    std::vector<std::size_t> commas;
};

/// Reads a line up to its end; nothing is found where a comment or an open bracket is.
std::optional<brackets> last_brackets(std::string_view line) {
    std::vector<brackets> open;
    std::optional<brackets> last;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            i += c == '\\' ? 1 : 0;
            quote = c == quote ? char{0} : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            return std::nullopt;
        } else if (c == '(' || c == '[' || c == '{') {
            open.push_back({i, 0, {}});
        } else if (c == ',' && !open.empty()) {
            open.back().commas.push_back(i);
        } else if (c == ')' || c == ']' || c == '}') {
            if (open.empty()) {
                return std::nullopt;
            }
            last = std::move(open.back());
            last->close = i;
            open.pop_back();
        }
    }
    return open.empty() ? last : std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

std::string broken_line(std::string_view line) {
    const auto found = last_brackets(line);
    if (!found || found->close + 2 < line.size()) {
        return std::string(line);
    }
    std::vector<std::string> arguments;
    auto begin = found->open + 1;
    for (const auto comma : found->commas) {
        arguments.emplace_back(without_blanks(line.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    arguments.emplace_back(without_blanks(line.substr(begin, found->close - begin)));
    const auto indent = line.find_first_not_of(' ');
    return enclose(
        indent, line.substr(indent, found->open + 1 - indent), arguments, line.substr(found->close)
    );
}

bool has_long_quotes(std::string_view line) {
    const auto first = line.find(long_quotes);
    // Those of a text in one line are two.
    return first != std::string_view::npos &&
           line.find(long_quotes, first + long_quotes.size()) == std::string_view::npos;
}

}  // namespace

std::string broken_up(std::string_view module) {
    std::string made;
    made.reserve(module.size());
    bool in_text = false;
    while (!module.empty()) {
        const auto end = module.find('\n');
        const std::string_view line = module.substr(0, end);
        in_text = in_text != has_long_quotes(line);
        if (in_text || line.size() <= columns) {
            made += line;
        } else {
            // What is on a line of its own now may be too long in turn.
            const std::string broken = broken_line(line);
            made += broken == line ? broken : broken_up(broken);
        }
        if (end == std::string_view::npos) {
            break;
        }
        made += '\n';
        module.remove_prefix(end + 1);
    }
    return made;
}

}  // namespace teamflow::generation::python
