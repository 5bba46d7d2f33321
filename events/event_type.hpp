#pragma once
// What every event struct declares beside its members, and the list type that families export.

#include <concepts>
#include <cstdint>
#include <string_view>
#include <variant>

#include "events/json/described.hpp"

namespace teamflow::events {

/// An event type is a described struct with its wire name (`<family>.<noun>_<past tense>`), the
/// schema version it writes, and one sentence for the catalogue.
template <class T>
concept event_type = json::described_struct<T> && requires {
    { T::type } -> std::convertible_to<std::string_view>;
    { T::schema_version } -> std::convertible_to<std::int16_t>;
    { T::summary } -> std::convertible_to<std::string_view>;
};

}  // namespace teamflow::events
