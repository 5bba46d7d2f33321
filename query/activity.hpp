#pragma once
// Reads what happened to a task, in a project or in an organization: events, the newest first.

#include <boost/describe/class.hpp>

#include "events/role.hpp"
#include "query/event_text.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

using event_page = std::expected<page<event_view>, events::json::problems>;

/// Events about a task, deleted or not. None for a task of another organization.
infra::task<event_page> activity_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    const page_request& asked
);

/// Events about a project and its tasks. None for a project of another organization.
infra::task<event_page> activity_of_project(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::project_id project,
    const page_request& asked
);

/// All events of an organization that this role may read.
infra::task<event_page> activity_of_organization(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::role reader,
    const page_request& asked
);

/// Whether the organization has such a task, in a project that is there.
infra::task<bool> task_exists(
    infra::postgres::pool& database, events::organization_id organization, events::task_id task
);

}  // namespace teamflow::query
