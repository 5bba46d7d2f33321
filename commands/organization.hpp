#pragma once
// Commands on an organization itself: its founding and its settings.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"
#include "events/json/types.hpp"

namespace teamflow::commands {

struct organization_resource {
    events::organization_id id;
    std::string name;
    organization_settings settings;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(
    organization_resource, (), (id, name, settings, created_at, updated_at, version)
)

/// The organization of a view that names its stream and has it.
organization_resource organization_in(const view& view, events::organization_id id);

/// The step of a registration after identity.user_registered: founds the organization with its
/// owner. Done already, it changes nothing, so a registration may be completed any number of times.
/// Only process managers pass: in an organization that is not there nobody is an owner.
struct create_organization {
    static constexpr role allowed = role::owner;

    events::organization_id organization_id;
    events::json::text<1, 200> name;
    events::user_id owner_id;
};
BOOST_DESCRIBE_STRUCT(create_organization, (), (organization_id, name, owner_id))

std::vector<std::string> streams(const create_organization&, const directory&, const context&);
decision decide(const create_organization&, const view&, const context&);
organization_resource reply(const create_organization&, const view&, const context&);

/// PATCH of the settings; what is absent stays. The gateway has looked `time_zone` up in its
/// time-zone database, which a pure decision cannot.
struct settings_patch {
    events::json::replace<bool> single_running_timer;
    events::json::replace<events::json::text<1, 64>> time_zone;
    events::json::replace<events::json::within<std::int32_t, 1, 100>> max_concurrent_generations;
};
BOOST_DESCRIBE_STRUCT(
    settings_patch, (), (single_running_timer, time_zone, max_concurrent_generations)
)

/// PATCH /organizations/{id}. A setting may stand beside `name` or inside `settings`, where it has
/// the same meaning; the outer one wins.
struct edit_organization {
    static constexpr role allowed = role::owner;

    events::organization_id organization_id;
    events::json::replace<events::json::text<1, 200>> name;
    events::json::replace<settings_patch> settings;
    events::json::replace<bool> single_running_timer;
    events::json::replace<events::json::text<1, 64>> time_zone;
    events::json::replace<events::json::within<std::int32_t, 1, 100>> max_concurrent_generations;
};
BOOST_DESCRIBE_STRUCT(
    edit_organization,
    (),
    (organization_id, name, settings, single_running_timer, time_zone, max_concurrent_generations)
)

std::vector<std::string> streams(const edit_organization&, const directory&, const context&);
decision decide(const edit_organization&, const view&, const context&);
organization_resource reply(const edit_organization&, const view&, const context&);

}  // namespace teamflow::commands
