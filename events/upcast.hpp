#pragma once
// Bringing payloads of older schema versions forward, one version at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace teamflow::events {

/// A member that has another name in the next version, as data, so that SQL can be made of it as
/// well. Two of them with one `from` split a member.
struct moved_member {
    enum class when : std::uint8_t {
        always,
        null,    ///< only where `decided_by` is null or absent; elsewhere `to` is null
        present  ///< only where it is not; elsewhere `to` is null
    };

    std::string_view from;
    std::string_view to;
    when condition = when::always;
    std::string_view decided_by = {};
};

/// Turns the payload of `type` in version `from_version` into the next version: first members move,
/// then `change` does what else there is to do. Must be total on every payload ever written: the
/// golden files of tests/golden hold one of each. What `change` does, the SQL views do not know.
struct upcaster {
    std::string_view type;
    std::int16_t from_version = 0;
    void (*change)(boost::json::object& data) = nullptr;
    std::span<const moved_member> moves = {};
};

/// Every upcaster of the program.
std::span<const upcaster> upcasters();

/// The version that upcasters of `table` bring a payload to.
std::int16_t version_reached(
    std::string_view type, std::int16_t version, std::span<const upcaster> table = upcasters()
);

/// Applies the upcasters of `table` that lead on from `version`; none is no fault.
void upcast(
    std::string_view type,
    std::int16_t version,
    boost::json::object& data,
    std::span<const upcaster> table = upcasters()
);

/// The JSON text of a payload in the version that upcasters bring it to; nullopt when it has that
/// version already, or is no object. Members that are not known stay.
std::optional<std::string> brought_forward(
    std::string_view type, std::int16_t version, std::string_view data
);

}  // namespace teamflow::events
