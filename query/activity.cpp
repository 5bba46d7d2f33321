#include "query/activity.hpp"

namespace teamflow::query {

namespace {

const std::string& columns() {
    static const std::string text = "select " + std::string(event_columns);
    return text;
}

/// Events by their place in the log; an organization's lie in one partition.
list_definition list_of(std::string_view name, std::string_view from, std::string_view offset) {
    return {
        .name = name,
        .select = columns(),
        .from = from,
        .sorts = {{"offset", offset, "bigint"}},
        .tie = "e.id",
        .default_sort = "-offset",
    };
}

constexpr std::string_view from_entries =
    "from activity.entry a "
    "join teamflow.events e on e.partition = a.partition and e.\"offset\" = a.\"offset\"";

infra::task<event_page> fetch(
    infra::postgres::pool& database,
    const list_definition& what,
    const page_request& asked,
    const conditions& where
) {
    auto found = co_await fetch_result(database, what, asked, where);
    if (!found) {
        co_return std::unexpected(std::move(found.error()));
    }
    page<event_view> read{.rows = {}, .bounds = std::move(found->bounds)};
    for (std::size_t row = 0; row < found->count; ++row) {
        read.rows.push_back(read_event(found->rows, row));
    }
    co_return read;
}

}  // namespace

infra::task<event_page> activity_of_task(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::task_id task,
    const page_request& asked
) {
    static const auto what = list_of("activity_of_task", from_entries, "a.\"offset\"");
    conditions where;
    where.add("a.task_id = ", task);
    where.add("e.organization = ", organization);
    co_return co_await fetch(database, what, asked, where);
}

infra::task<event_page> activity_of_project(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::project_id project,
    const page_request& asked
) {
    static const auto what = list_of("activity_of_project", from_entries, "a.\"offset\"");
    conditions where;
    where.add("a.project_id = ", project);
    where.add("e.organization = ", organization);
    co_return co_await fetch(database, what, asked, where);
}

infra::task<event_page> activity_of_organization(
    infra::postgres::pool& database,
    events::organization_id organization,
    events::role reader,
    const page_request& asked
) {
    static const auto what =
        list_of("activity_of_organization", "from teamflow.events e", "e.\"offset\"");
    conditions where;
    where.add("e.organization = ", organization);
    if (reader < events::role::admin) {
        where.add("not starts_with(e.type, ", invitation_types, ")");
    }
    co_return co_await fetch(database, what, asked, where);
}

infra::task<bool> task_exists(
    infra::postgres::pool& database, events::organization_id organization, events::task_id task
) {
    static constexpr infra::postgres::statement find{
        "task_exists",
        "select from tasks.task t where t.organization_id = $1 and t.id = $2 and not t.deleted "
        "and not exists (select from tasks.deleted_project d where d.project_id = t.project_id)"
    };
    const auto rows =
        co_await database.query(find, infra::postgres::params::of(organization, task));
    co_return !rows.empty();
}

}  // namespace teamflow::query
