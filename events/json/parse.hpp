#pragma once
// Text to JSON value, refusing what Boost.JSON lets through and what no reader agrees on.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

namespace teamflow::events::json {

inline constexpr std::size_t max_depth = 32;

struct parse_error {
    std::string message;
};

/// Parses one JSON text (RFC 8259) in UTF-8. Refused beyond the grammar: nesting deeper than
/// `max_depth`, duplicate keys of an object, U+0000 in any string, numbers that overflow a double
/// and lone surrogates. The value lives in `storage`.
std::expected<boost::json::value, parse_error> parse(
    std::string_view text, boost::json::storage_ptr storage = {}
);

}  // namespace teamflow::events::json
