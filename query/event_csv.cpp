#include "query/event_csv.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

#include "query/csv.hpp"

namespace teamflow::query {

namespace {

/// A member as it stands in JSON, but texts without their quotes and null as nothing.
template <class T>
void append_member(std::string& out, const T& member) {
    if constexpr (std::is_same_v<T, std::string>) {
        append_csv_field(out, member);
    } else if constexpr (std::is_same_v<T, events::json::raw>) {
        append_csv_field(out, member.value);
    } else if constexpr (events::json::is_instance<T, std::optional>) {
        if (member) {
            append_member(out, *member);
        }
    } else if constexpr (events::json::is_id<T>) {
        append_member(out, member.value);
    } else if constexpr (std::integral<T>) {
        events::json::write(out, member);
    } else {
        events::append_to(out, member);
    }
}

}  // namespace

std::string event_csv_header() {
    std::string line;
    events::json::for_each_member<event_view>([&](auto descriptor) {
        line += line.empty() ? "" : ",";
        line += descriptor.name;
    });
    return line + "\r\n";
}

void append_csv(std::string& out, const event_view& event) {
    bool is_first = true;
    events::json::for_each_member<event_view>([&](auto descriptor) {
        out += is_first ? "" : ",";
        is_first = false;
        append_member(out, event.*descriptor.pointer);
    });
    out += "\r\n";
}

}  // namespace teamflow::query
