#pragma once
// What several commands over history are told, read and checked: each fault is a sentence.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/time.hpp"
#include "projections/projection.hpp"

namespace teamflow::app {

/// For people, each with the option that it is about.
using faults = std::vector<std::string>;

/// An instant, or the begin of a day in UTC; nothing when the text is empty or a fault.
std::optional<events::timestamp> read_time(
    std::string_view option, const std::string& text, faults& found
);

/// As read_time; a time that is still to come is a fault.
std::optional<events::timestamp> read_past_time(
    std::string_view option, const std::string& text, faults& found
);

/// The projections of these names, in the order in which they are built; without names all that
/// serve queries. `states` (projections/stream_states.hpp) is one that does not.
std::vector<const projections::projection*> find_models(
    std::string_view option, const std::vector<std::string>& names, faults& found
);

/// `30m`, `24h` or `7d`, from a minute to a year; nothing for a fault.
std::optional<std::chrono::seconds> read_lifetime(
    std::string_view option, const std::string& text, faults& found
);

/// A scratch schema must not look like a schema of ours, or like what `teamflow diff` takes beside
/// the names of schemas.
void check_schema_name(std::string_view option, const std::string& name, faults& found);

/// Writes them to stderr; the exit code of wrong use.
int refuse(const faults& found);

}  // namespace teamflow::app
