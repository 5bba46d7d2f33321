#pragma once
// Instants and calendar days, and their one textual form (RFC 3339, UTC, milliseconds).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace teamflow::events {

using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using date = std::chrono::year_month_day;

/// `2026-11-21T09:30:00.125Z`. Promises exactly 24 characters for years 0000 to 9999.
std::string to_string(timestamp value);
void append_to(std::string& out, timestamp value);

/// Reads an RFC 3339 date-time with any offset and 0 to 9 fraction digits (rounded down to
/// milliseconds). Leap seconds, impossible dates, years before 1 and after 9999 are nullopt.
std::optional<timestamp> parse_timestamp(std::string_view text);

/// `2026-11-21`.
std::string to_string(date value);
void append_to(std::string& out, date value);

/// Reads `YYYY-MM-DD`; a day that does not exist, and any of year 0000, is nullopt.
std::optional<date> parse_date(std::string_view text);

}  // namespace teamflow::events
