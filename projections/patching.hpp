#pragma once
// How the changed fields of an `…_edited` event go into a row.

#include <optional>

#include "events/json/types.hpp"

namespace teamflow::projections {

/// Absent keeps; a value replaces.
template <class T>
void apply(const events::json::replace<T>& change, T& field) {
    if (change.value) {
        field = *change.value;
    }
}

/// Absent keeps; null clears; a value replaces.
template <class T>
void apply(const events::json::patch<T>& change, std::optional<T>& field) {
    if (change.replaces()) {
        field = change.value;
    } else if (change.clears()) {
        field.reset();
    }
}

}  // namespace teamflow::projections
