#pragma once
// Every event type of the program, and the way from an event to its JSON text and back.

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include "events/event_type.hpp"
#include "events/identity.hpp"
#include "events/json/problem.hpp"
#include "events/organization.hpp"
#include "events/project.hpp"
#include "events/read_model.hpp"
#include "events/task.hpp"
#include "events/template.hpp"
#include "events/time_log.hpp"

namespace teamflow::events {

/// One line for each family: this is where a new family is made known.
using all_events = boost::mp11::mp_append<
    organization_events,
    identity_events,
    project_events,
    task_events,
    time_events,
    template_events,
    read_model_events>;

using event = boost::mp11::mp_rename<all_events, std::variant>;

struct event_info {
    std::string_view type;
    std::int16_t schema_version = 1;
    std::string_view summary;
};

/// All event types, sorted by name.
std::span<const event_info> event_types();

/// The entry of a type, or nullptr when this program does not know it.
const event_info* find_event_type(std::string_view type);

std::string_view type_of(const event& event);
std::int16_t schema_version_of(const event& event);

/// The stream that an event belongs to.
std::string stream_of(const event& event);

/// The payload as JSON text.
std::string encode(const event& event);

/// Reads a payload, brought forward by upcasters when its version is older; members that are not
/// known are ignored. An unknown type is nullopt: readers keep, skip and count it. Throws
/// undecodable_event when the type is known and the payload does not read.
std::optional<event> decode(
    std::string_view type, std::int16_t schema_version, std::string_view data
);

/// The payload of a known event type does not read: the log holds what this program cannot take.
class undecodable_event : public std::runtime_error {
public:
    undecodable_event(std::string_view type, std::int16_t schema_version, json::problems problems);

    [[nodiscard]] const json::problems& problems() const { return problems_; }

private:
    json::problems problems_;
};

}  // namespace teamflow::events
