#include "query/template.hpp"

namespace teamflow::query {

namespace {

constexpr std::string_view template_columns =
    "select m.id, m.name, m.description, m.category, m.usage_count, m.created_by, "
    "m.template_data, m.is_active";

const list_definition& template_list() {
    static const list_definition what{
        .name = "templates",
        .select = template_columns,
        .from = "from templates.template m",
        .sorts =
            {{"name", "m.name", "text"},
             {"category", "coalesce(m.category, '')", "text"},
             {"usage_count", "m.usage_count", "bigint"},
             {"created_at", "m.id", "uuid"},
             {"updated_at", "m.updated_at", "timestamptz"}},
        .tie = "m.id",
        .default_sort = "name",
    };
    return what;
}

}  // namespace

infra::task<std::expected<page<commands::template_resource>, events::json::problems>> templates(
    infra::postgres::pool& database,
    events::organization_id organization,
    const template_filter& asked
) {
    conditions where;
    where.add("m.organization_id = ", organization);
    if (asked.category) {
        where.add("m.category = ", std::string_view(asked.category->value));
    }
    if (!asked.include_inactive.value) {
        where.add_plain("m.is_active");
    }
    co_return co_await fetch_page<commands::template_resource>(
        database, template_list(), asked, where
    );
}

infra::task<std::optional<template_found>> find_template(
    infra::postgres::pool& database, events::organization_id organization, events::template_id id
) {
    static const std::string text =
        std::string(template_columns) +
        ", m.version from templates.template m where m.organization_id = $1 and m.id = $2";
    const infra::postgres::statement find{"find_template", text};
    const auto rows = co_await database.query(find, infra::postgres::params::of(organization, id));
    if (rows.empty()) {
        co_return std::nullopt;
    }
    co_return template_found{
        .resource = read_row<commands::template_resource>(rows, 0),
        .version = rows.get<std::int64_t>(0, rows.columns() - 1)
    };
}

}  // namespace teamflow::query
