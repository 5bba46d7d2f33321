#pragma once
// Values as literals of the languages that are generated: the one way in which a text of a model
// enters a file.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace teamflow::generation::python {

/// A str literal in ASCII, with the quotes that ruff prefers. Control characters, quotes,
/// backslashes and everything beyond ASCII are escaped.
std::string string(std::string_view text);

/// A text as literals that stand below each other, which Python joins; each takes at most `room`
/// columns, which are 12 or more. It is broken after a blank where there is one.
std::vector<std::string> pieces(std::string_view text, std::size_t room);

/// A docstring of one line between three double quotes that nothing in it can end, without blanks
/// at its ends, as ruff has it.
std::string docstring(std::string_view text);

/// A regular expression, raw where that is possible.
std::string pattern(std::string_view text);

/// None, True, False, numbers, strings, lists and dicts, in one line.
std::string value(const boost::json::value& of);

/// Markdown that shows the text as it is, without markup, links or HTML.
std::string markdown(std::string_view text);

/// A double-quoted string that JSON, YAML and TOML read alike, in ASCII but for what lies beyond
/// U+FFFF.
std::string quoted(std::string_view text);

}  // namespace teamflow::generation::python
