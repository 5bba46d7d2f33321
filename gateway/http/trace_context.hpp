#pragma once
// The traceparent header of W3C Trace Context (https://www.w3.org/TR/trace-context/).

#include <string_view>

namespace teamflow::gateway {

/// Whether it has the form `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`.
bool is_traceparent(std::string_view text);

/// The trace's id in a traceparent; empty when that is not well-formed.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace teamflow::gateway
