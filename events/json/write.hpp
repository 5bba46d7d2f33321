#pragma once
// Described struct to JSON text, appended to a string in one pass without an intermediate tree.

#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "events/json/described.hpp"
#include "events/time.hpp"

namespace teamflow::events::json {

/// Appends `text` as a JSON string, quotes included. The text must be UTF-8.
void write_string(std::string& out, std::string_view text);

/// Appends the shortest decimal that reads back as the same double. The number must be finite.
void write_number(std::string& out, double number);

/// Text that is JSON already and goes out as it is (an event's payload inside a list of events).
struct raw {
    std::string value;

    friend bool operator==(const raw&, const raw&) = default;
};

template <class T>
void write(std::string& out, const T& value);

/// The JSON text of `value`.
template <class T>
std::string to_json(const T& value) {
    std::string out;
    write(out, value);
    return out;
}

template <class Range>
void write_elements(std::string& out, const Range& elements) {
    out += '[';
    bool first = true;
    for (const auto& element : elements) {
        if (!first) {
            out += ',';
        }
        first = false;
        write(out, element);
    }
    out += ']';
}

/// Members that say "nothing" by their absence; an empty std::optional is written as null.
template <class T>
bool is_left_out(const T& member) {
    if constexpr (is_instance<T, patch>) {
        return member.keeps();
    } else if constexpr (is_instance<T, replace>) {
        return !member.value.has_value();
    } else {
        return false;
    }
}

template <described_struct T>
void write_members(std::string& out, const T& value) {
    out += '{';
    bool first = true;
    for_each_member<T>([&](auto descriptor) {
        const auto& member = value.*descriptor.pointer;
        if (is_left_out(member)) {
            return;
        }
        out += first ? "\"" : ",\"";
        first = false;
        out += descriptor.name;
        out += "\":";
        write(out, member);
    });
    out += '}';
}

template <class T>
void write(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out.append(digits.data(), end);
    } else if constexpr (std::is_same_v<T, double>) {
        write_number(out, value);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        write_string(out, value);
    } else if constexpr (is_id<T>) {
        write(out, value.value);
    } else if constexpr (std::is_same_v<T, uuid> || std::is_same_v<T, timestamp> ||
                         std::is_same_v<T, date>) {
        out += '"';
        append_to(out, value);
        out += '"';
    } else if constexpr (described_enum<T>) {
        out += '"';
        out += enum_name(value);
        out += '"';
    } else if constexpr (is_instance<T, std::optional>) {
        if (value) {
            write(out, *value);
        } else {
            out += "null";
        }
    } else if constexpr (is_instance<T, patch>) {
        if (value.replaces()) {
            write(out, value.value);
        } else {
            out += "null";
        }
    } else if constexpr (is_instance<T, replace> || is_instance<T, formatted> || is_defaulted<T> ||
                         is_text<T> || is_within<T>) {
        write(out, value.value);
    } else if constexpr (is_list<T>) {
        write_elements(out, value.values);
    } else if constexpr (is_instance<T, std::vector>) {
        write_elements(out, value);
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        out += '{';
        bool first = true;
        for (const auto& [key, element] : value) {
            out += first ? "" : ",";
            first = false;
            write_string(out, key);
            out += ':';
            write_string(out, element);
        }
        out += '}';
    } else if constexpr (std::is_same_v<T, raw>) {
        out += value.value;
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        out += boost::json::serialize(value);
    } else {
        static_assert(described_struct<T>, "describe the type or teach the walk about it");
        write_members(out, value);
    }
}

}  // namespace teamflow::events::json
