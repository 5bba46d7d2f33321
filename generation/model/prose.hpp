#pragma once
// The form of texts that are no names: prose, paths, versions.

#include <cstddef>
#include <string>
#include <string_view>

namespace teamflow::generation {

/// One line of at most `max` bytes without control characters.
bool is_prose(std::string_view text, std::size_t max);
/// The text without line breaks: blanks that follow each other become one, those at its ends none.
std::string one_line(std::string_view text);
/// What is_path takes: it stands in lines of Python, with other things.
inline constexpr std::size_t max_path = 50;
/// `/api/v1`: a-z, 0-9 and `-` between slashes.
bool is_path(std::string_view text);
/// `1.20.3`
bool is_version(std::string_view text);

}  // namespace teamflow::generation
