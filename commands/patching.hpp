#pragma once
// Partial changes: what a PATCH body really changes, and taking a change over into a state.

#include <optional>
#include <type_traits>

#include "events/json/described.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

/// Takes the change of one field over into a state.
template <class T>
void merge(T& field, const events::json::replace<T>& change) {
    if (change.value) {
        field = *change.value;
    }
}

template <class T>
void merge(std::optional<T>& field, const events::json::patch<T>& change) {
    if (change.clears()) {
        field.reset();
    } else if (change.replaces()) {
        field = change.value;
    }
}

/// The plain value inside a limited one: `text<1, 200>` to std::string.
template <class T>
const auto& plain(const T& value) {
    if constexpr (requires { value.value; } && !events::json::is_id<T>) {
        return value.value;
    } else if constexpr (requires { value.values; }) {
        return value.values;
    } else {
        return value;
    }
}

/// The same of a value that may be missing.
template <class T>
auto plain_or_null(const std::optional<T>& limited) {
    using plain_type = std::remove_cvref_t<decltype(plain(*limited))>;
    return limited ? std::optional<plain_type>(plain(*limited)) : std::nullopt;
}

/// The part of a requested change that differs from what the field holds: nothing when it is so
/// already, so that no event says what everybody knows.
template <class T, class Requested>
events::json::replace<T> changed(const T& field, const events::json::replace<Requested>& request) {
    if (!request.value || plain(*request.value) == field) {
        return {};
    }
    return {plain(*request.value)};
}

template <class T, class Requested>
events::json::patch<T> changed(
    const std::optional<T>& field, const events::json::patch<Requested>& request
) {
    using action = events::json::patch<T>::action;
    if (request.clears() && field) {
        return {action::clear, {}};
    }
    if (request.replaces() && field != plain(request.value)) {
        return {action::replace, plain(request.value)};
    }
    return {};
}

/// Whether any of these changes changes something.
template <class... Changes>
bool changes_anything(const Changes&... changes) {
    const auto one = [](const auto& change) {
        if constexpr (requires { change.keeps(); }) {
            return !change.keeps();
        } else {
            return change.value.has_value();
        }
    };
    return (one(changes) || ...);
}

}  // namespace teamflow::commands
