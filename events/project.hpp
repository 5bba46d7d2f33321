#pragma once
// Events of projects.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/json/types.hpp"
#include "events/stream.hpp"

namespace teamflow::events {

struct project_created {
    static constexpr std::string_view type = "project.project_created";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A project came to be.";

    events::project_id project_id;
    std::string name;
    /// Unique among the undeleted projects of the organization.
    std::string key;
    std::optional<std::string> description;
    /// `#rrggbb` in lower case.
    std::optional<std::string> colour;

    [[nodiscard]] std::string stream() const { return stream_of(project_id); }
};
BOOST_DESCRIBE_STRUCT(project_created, (), (project_id, name, key, description, colour))

/// Members that are absent did not change; null cleared the value.
struct project_edited {
    static constexpr std::string_view type = "project.project_edited";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "Name, key, description or colour changed.";

    events::project_id project_id;
    json::replace<std::string> name;
    json::replace<std::string> key;
    json::patch<std::string> description;
    json::patch<std::string> colour;

    [[nodiscard]] std::string stream() const { return stream_of(project_id); }
};
BOOST_DESCRIBE_STRUCT(project_edited, (), (project_id, name, key, description, colour))

struct project_archived {
    static constexpr std::string_view type = "project.project_archived";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A project was put away; its timers cannot start.";

    events::project_id project_id;

    [[nodiscard]] std::string stream() const { return stream_of(project_id); }
};
BOOST_DESCRIBE_STRUCT(project_archived, (), (project_id))

struct project_restored {
    static constexpr std::string_view type = "project.project_restored";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An archived project came back.";

    events::project_id project_id;

    [[nodiscard]] std::string stream() const { return stream_of(project_id); }
};
BOOST_DESCRIBE_STRUCT(project_restored, (), (project_id))

struct project_deleted {
    static constexpr std::string_view type = "project.project_deleted";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A project without open tasks was deleted.";

    events::project_id project_id;

    [[nodiscard]] std::string stream() const { return stream_of(project_id); }
};
BOOST_DESCRIBE_STRUCT(project_deleted, (), (project_id))

using project_events = boost::mp11::
    mp_list<project_created, project_edited, project_archived, project_restored, project_deleted>;

}  // namespace teamflow::events
