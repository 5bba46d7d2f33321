#include "query/project.hpp"

namespace teamflow::query {

namespace {

constexpr std::string_view project_columns =
    "select p.id, p.name, p.key, p.description, p.colour, p.archived, p.created_by, "
    "p.created_at, p.updated_at, p.version";

const list_definition& project_list() {
    static const list_definition what{
        .name = "projects",
        .select = project_columns,
        .from = "from projects.project p",
        .sorts =
            {{"name", "p.name", "text"},
             {"key", "p.key", "text"},
             {"created_at", "p.id", "uuid"},
             {"updated_at", "p.updated_at", "timestamptz"}},
        .tie = "p.id",
        .default_sort = "name",
    };
    return what;
}

}  // namespace

infra::task<std::expected<page<commands::project_resource>, events::json::problems>> projects(
    infra::postgres::pool& database,
    events::organization_id organization,
    const project_filter& asked
) {
    conditions where;
    where.add("p.organization_id = ", organization);
    where.add("p.archived = ", asked.archived);
    if (asked.q) {
        where.add("(p.name || ' ' || p.key) ilike ", anywhere(asked.q->value));
    }
    co_return co_await fetch_page<commands::project_resource>(
        database, project_list(), asked, where
    );
}

infra::task<std::optional<commands::project_resource>> find_project(
    infra::postgres::pool& database, events::organization_id organization, events::project_id id
) {
    static const std::string text =
        std::string(project_columns) +
        " from projects.project p where p.organization_id = $1 and p.id = $2";
    const infra::postgres::statement find{"find_project", text};
    const auto rows = co_await database.query(find, infra::postgres::params::of(organization, id));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return read_row<commands::project_resource>(rows, 0);
}

}  // namespace teamflow::query
