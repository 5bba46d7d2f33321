#pragma once
// Events as CSV (RFC 4180): the members of an event, `data` as JSON text.

#include <string>

#include "query/event_text.hpp"

namespace teamflow::query {

/// The line of names, with its end.
std::string event_csv_header();

/// Appends the event as a line, with its end.
void append_csv(std::string& out, const event_view& event);

}  // namespace teamflow::query
