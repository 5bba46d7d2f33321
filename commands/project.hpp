#pragma once
// Commands on projects.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "commands/formats.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

struct project_resource {
    events::project_id id;
    std::string name;
    std::string key;
    std::optional<std::string> description;
    std::optional<std::string> colour;
    bool archived = false;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(
    project_resource,
    (),
    (id, name, key, description, colour, archived, created_by, created_at, updated_at, version)
)

/// Without a key one is made from the name. A key is unique among the projects that are not
/// deleted; archived ones keep theirs.
struct create_project {
    static constexpr role allowed = role::admin;

    events::json::text<1, 200> name;
    std::optional<project_key> key;
    std::optional<events::json::text<0, 10000>> description;
    std::optional<commands::colour> colour;
};
BOOST_DESCRIBE_STRUCT(create_project, (), (name, key, description, colour))

std::vector<std::string> streams(const create_project&, const directory&, const context&);
decision decide(const create_project&, const view&, const context&);
project_resource reply(const create_project&, const view&, const context&);

struct edit_project {
    static constexpr role allowed = role::admin;

    events::project_id project_id;
    events::json::replace<events::json::text<1, 200>> name;
    events::json::replace<project_key> key;
    events::json::patch<events::json::text<0, 10000>> description;
    events::json::patch<commands::colour> colour;
    events::json::replace<bool> archived;
};
BOOST_DESCRIBE_STRUCT(edit_project, (), (project_id, name, key, description, colour, archived))

std::vector<std::string> streams(const edit_project&, const directory&, const context&);
decision decide(const edit_project&, const view&, const context&);
project_resource reply(const edit_project&, const view&, const context&);

/// Only without open tasks. Timers that run on its finished tasks are discarded in the same commit.
struct delete_project {
    static constexpr role allowed = role::admin;

    events::project_id project_id;
};
BOOST_DESCRIBE_STRUCT(delete_project, (), (project_id))

std::vector<std::string> streams(const delete_project&, const directory&, const context&);
decision decide(const delete_project&, const view&, const context&);
no_content reply(const delete_project&, const view&, const context&);

/// A key for a project of this name that no other project has: the initials of its words, or the
/// beginning of its only word, and a number where that is taken. Text without ASCII letters gives
/// `PR`.
std::string make_project_key(std::string_view name, const directory& directory);

}  // namespace teamflow::commands
