#include "gateway/http/trace_context.hpp"

#include <algorithm>

namespace teamflow::gateway {

namespace {

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

bool is_all_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

bool is_traceparent(std::string_view text) {
    constexpr std::size_t length = 55;
    if (text.size() != length || text[2] != '-' || text[35] != '-' || text[52] != '-') {
        return false;
    }
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace = text.substr(3, 32);
    const std::string_view parent = text.substr(36, 16);
    return is_lower_hex(version) && version != "ff" && is_lower_hex(trace) && !is_all_zero(trace) &&
           is_lower_hex(parent) && !is_all_zero(parent) && is_lower_hex(text.substr(53, 2));
}

std::string_view trace_id_of(std::string_view traceparent) {
    return is_traceparent(traceparent) ? traceparent.substr(3, 32) : std::string_view();
}

}  // namespace teamflow::gateway
