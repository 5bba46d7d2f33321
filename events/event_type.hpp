#pragma once
// What every event struct declares beside its members.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/json/described.hpp"

namespace teamflow::events {

/// An event type is a described struct with its wire name (`<family>.<noun>_<past tense>`), the
/// schema version it writes, one sentence for the catalogue, and the stream that it belongs to.
template <class T>
concept event_type = json::described_struct<T> && requires(const T& event) {
    { T::type } -> std::convertible_to<std::string_view>;
    { T::schema_version } -> std::convertible_to<std::int16_t>;
    { T::summary } -> std::convertible_to<std::string_view>;
    { event.stream() } -> std::convertible_to<std::string>;
};

}  // namespace teamflow::events
