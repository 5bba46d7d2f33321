#pragma once
// Reads projects.

#include <optional>

#include <boost/describe/class.hpp>

#include "commands/project.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

struct project_filter : page_request {
    std::optional<bool> archived;
    /// Part of the name or the key, in any case.
    std::optional<events::json::text<1, 200>> q;
};
BOOST_DESCRIBE_STRUCT(project_filter, (page_request), (archived, q))

/// Projects of an organization, deleted ones left out.
infra::task<std::expected<page<commands::project_resource>, events::json::problems>> projects(
    infra::postgres::pool& database,
    events::organization_id organization,
    const project_filter& asked
);

/// One project; nullopt also for another organization's.
infra::task<std::optional<commands::project_resource>> find_project(
    infra::postgres::pool& database, events::organization_id organization, events::project_id id
);

}  // namespace teamflow::query
