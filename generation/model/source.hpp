#pragma once
// The text of a model as a JSON value that knows its lines.

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "generation/model/fault.hpp"

namespace teamflow::generation {

inline constexpr std::size_t max_source_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t max_source_depth = 32;

enum class source_format { yaml, json };

struct source {
    boost::json::value value;
    /// Line of each dotted path; empty for JSON.
    std::map<std::string, int, std::less<>> lines;

    /// The line of the path, or of the nearest one around it; 0 if there is none.
    [[nodiscard]] int line_of(std::string_view path) const;
};

/// YAML means its core schema, one document, no anchors, aliases, tags or merge keys: a model is
/// data and reads the same everywhere. Refused with the line: what does not parse, a key that
/// stands twice, U+0000, text that is not UTF-8, more than `max_source_bytes` or
/// `max_source_depth`.
std::expected<source, fault> parse_source(std::string_view text, source_format format);

}  // namespace teamflow::generation
