#pragma once
// Field types that carry their own limits, so that a struct's declaration is its whole contract.

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace teamflow::events::json {

/// Text of Min to Max Unicode code points without control characters other than tab and newline.
/// Surrounding white space is not counted towards Min.
template <std::size_t Min, std::size_t Max>
struct text {
    std::string value;

    friend bool operator==(const text&, const text&) = default;
};

/// Text of a form of its own. Format names it: `pattern` is what the JSON Schema says (ECMA 262),
/// `expected` ends the sentence "must be …", and `matches` decides.
template <class Format>
struct formatted {
    std::string value;

    friend bool operator==(const formatted&, const formatted&) = default;
};

/// A number of [Min, Max], both ends included.
template <class Number, auto Min, auto Max>
struct within {
    Number value{};

    friend bool operator==(const within&, const within&) = default;
};

/// At most Max elements.
template <class T, std::size_t Max>
struct list {
    std::vector<T> values;

    friend bool operator==(const list&, const list&) = default;
};

/// A member that may be left out and then has the value Default.
template <class T, T Default>
struct defaulted {
    T value = Default;

    friend bool operator==(const defaulted&, const defaulted&) = default;
};

/// A number of [Min, Max] that may be left out and then is Default.
template <class Number, auto Min, auto Max, auto Default>
using within_or = defaulted<within<Number, Min, Max>, within<Number, Min, Max>{Default}>;

/// A member of a PATCH body: absent keeps, null clears, a value replaces (RFC 7396).
template <class T>
struct patch {
    enum class action { keep, clear, replace };

    action what = action::keep;
    T value{};

    [[nodiscard]] bool keeps() const { return what == action::keep; }

    [[nodiscard]] bool clears() const { return what == action::clear; }

    [[nodiscard]] bool replaces() const { return what == action::replace; }

    friend bool operator==(const patch&, const patch&) = default;
};

/// Like patch, for a field that cannot be cleared: null is a fault.
template <class T>
struct replace {
    std::optional<T> value;

    friend bool operator==(const replace&, const replace&) = default;
};

}  // namespace teamflow::events::json
