#pragma once
// Values as literals of the languages that are generated: the one way in which a text of a model
// enters a file.

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace teamflow::generation::python {

/// A str literal in ASCII, with the quotes that ruff prefers. Control characters, quotes,
/// backslashes and everything beyond ASCII are escaped.
std::string string(std::string_view text);

/// The inside of a docstring: one line between three double quotes that nothing in it can end.
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
