#pragma once
// Regular expressions of models: which are taken, and texts that match them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace teamflow::generation {

inline constexpr std::size_t max_pattern_length = 200;

/// What is wrong with a pattern, or nothing. Taken is what RE2, Rust, Python and ECMA 262 read
/// alike and what cannot match U+0000, which PostgreSQL does not store: anchored by ^ and $, ASCII,
/// no
/// `.`, no negated classes, no look-around, no back references.
std::string pattern_fault(std::string_view pattern);

/// A text that matches the pattern and has `min` to `max` characters; another one for another
/// `number`, as far as the pattern allows. Nothing if none was found.
std::optional<std::string> matching_text(
    std::string_view pattern, std::size_t min, std::size_t max, std::size_t number
);

}  // namespace teamflow::generation
