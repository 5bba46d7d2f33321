#pragma once
// Bringing payloads of older schema versions forward, one version at a time.

#include <cstdint>
#include <span>
#include <string_view>

#include <boost/json/object.hpp>

namespace teamflow::events {

/// Turns the payload of `type` in version `from_version` into the next version. Must be total on
/// every payload ever written: the golden files of tests/golden hold one of each.
struct upcaster {
    std::string_view type;
    std::int16_t from_version = 0;
    void (*change)(boost::json::object& data) = nullptr;
};

/// Every upcaster of the program.
std::span<const upcaster> upcasters();

/// Applies the upcasters of `table` that lead on from `version`; none is no fault.
void upcast(
    std::string_view type,
    std::int16_t version,
    boost::json::object& data,
    std::span<const upcaster> table = upcasters()
);

}  // namespace teamflow::events
