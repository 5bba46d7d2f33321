#pragma once
// Python as ruff's formatter lays it out: lines of at most 120 columns.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace teamflow::generation::python {

inline constexpr std::size_t columns = 120;

/// `before` `arguments` `after`, such as `x = f(` and `)`: in one line if it fits, else the
/// arguments in a line of their own if they fit, else one a line, each with a comma. `indent`
/// counts blanks; the first line is indented too. No line feed at the end.
std::string enclose(
    std::size_t indent,
    std::string_view before,
    const std::vector<std::string>& arguments,
    std::string_view after
);

/// The same for the items of a list, tuple or set: in one line if they fit, else one a line.
std::string enclose_items(
    std::size_t indent,
    std::string_view before,
    const std::vector<std::string>& items,
    std::string_view after
);

/// `before` text `after`, such as `name = "..."`: in one line if it fits, else the text in brackets
/// of its own, in one piece or in several below each other.
std::string enclose_text(
    std::size_t indent, std::string_view before, std::string_view text, std::string_view after
);

/// Import statements of one module, sorted as ruff demands.
class imports {
public:
    void add(const std::string& module, const std::string& name);
    /// `import module as alias`
    void add_module(const std::string& module, const std::string& alias);

    /// `import module`
    void add_plain(const std::string& module) { add_module(module, ""); }

    /// The statements in groups (standard library, others, the application), a blank line between;
    /// without a line feed at the end.
    [[nodiscard]] std::string text() const;

private:
    std::map<std::string, std::set<std::string>> names_;
    std::map<std::string, std::string> modules_;
};

}  // namespace teamflow::generation::python
