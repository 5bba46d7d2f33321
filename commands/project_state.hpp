#pragma once
// The folded stream of a project.

#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "events/project.hpp"

namespace teamflow::commands {

struct project_state {
    static constexpr events::stream_kind kind = events::stream_kind::project;

    events::project_id id;
    std::string name;
    std::string key;
    std::optional<std::string> description;
    std::optional<std::string> colour;
    bool archived = false;
    bool deleted = false;
};
BOOST_DESCRIBE_STRUCT(project_state, (), (id, name, key, description, colour, archived, deleted))

void evolve(project_state& state, const events::project_created& event);
void evolve(project_state& state, const events::project_edited& event);
void evolve(project_state& state, const events::project_archived& event);
void evolve(project_state& state, const events::project_restored& event);
void evolve(project_state& state, const events::project_deleted& event);

}  // namespace teamflow::commands
