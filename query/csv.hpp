#pragma once
// Fields of CSV (RFC 4180).

#include <string>
#include <string_view>

namespace teamflow::query {

/// Appends a field, in quotes where it needs them.
void append_csv_field(std::string& line, std::string_view text);

}  // namespace teamflow::query
