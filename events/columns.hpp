#pragma once
// Event types as tables: what columns the payload of each would have in SQL.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/registry.hpp"

namespace teamflow::events {

enum class column_kind : std::uint8_t {
    text,  ///< enumerations too
    uuid,
    timestamp,
    date,
    int32,
    int64,
    number,
    boolean,
    sealed,  ///< personal text, as the log holds it
    json     ///< lists and structs
};

struct event_column {
    /// Of the member, in the newest version of the payload.
    std::string_view name;
    column_kind kind = column_kind::text;
    /// The names of an enumeration; empty for all others.
    std::vector<std::string_view> values = {};
    /// Whether the member is there only where it changed.
    bool is_change = false;
};

struct event_table {
    event_info info;
    std::vector<event_column> columns;
};

/// One for each event type, sorted by type; columns in the order of the members.
std::vector<event_table> event_tables();

}  // namespace teamflow::events
