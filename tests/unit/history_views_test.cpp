#include "infra/log/history_views.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "infra/crypto/opaque_token.hpp"

using namespace teamflow;
using events::moved_member;

namespace {

std::string view_of(std::string_view type) {
    const auto tables = events::event_tables();
    return infra::history_view(*std::ranges::find_if(tables, [&](const auto& each) {
        return each.info.type == type;
    }));
}

/// What a column of a made-up event of version 3 is made of.
std::string column_of(std::string_view member, std::span<const events::upcaster> table) {
    const std::array<events::event_column, 1> columns{{{.name = member}}};
    const std::string view = infra::history_view(
        {{"box.box_opened", 3, "A box is open."}, {columns.begin(), columns.end()}}, table
    );
    const auto end = view.rfind(" as \"" + std::string(member) + "\"");
    const auto begin = view.rfind("       ", end) + 7;
    return view.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("a view has the envelope, the members with their types, and comments") {
    const auto view = view_of("time.timer_started");
    CHECK(view.starts_with(
        "create view history.\"timer_started\" with (security_invoker = true) as\n"
    ));
    for (const auto* column :
         {R"(select r.event_id as "event_id",)",
          R"(r.correlation_id as "correlation_id",)",
          R"(r."offset" as "log_offset",)",
          R"((r.data->>'time_log_id')::uuid as "time_log_id",)",
          R"((r.data->>'start_time')::timestamptz as "start_time",)",
          R"(r.data->'description'->>'sealed' as "description",)",
          R"(r.data->>'category' as "category",)",
          R"((r.data->>'is_billable')::boolean as "is_billable")",
          R"(where r.kind = 1 and r.type = 'time.timer_started';)",
          R"(comment on view history."timer_started" is 'Somebody began to work on a task.';)",
          R"("timer_started"."time" is 'When it happened.';)",
          R"("timer_started"."description" is 'Text of a person, sealed:)"}) {
        CHECK_THAT(view, Catch::Contains(column));
    }
}

TEST_CASE("a view of changes says which members changed, and lists enumerations") {
    const auto view = view_of("task.task_edited");
    CHECK_THAT(view, Catch::Contains(R"((r.data->>'tags')::jsonb as "tags")"));
    CHECK_THAT(view, Catch::Contains(R"((r.data->>'due_date')::date as "due_date")"));
    CHECK_THAT(
        view, Catch::Contains(R"((r.data->>'estimated_hours')::double precision as "estimated)")
    );
    CHECK_THAT(
        view,
        Catch::Contains("array(select name from json_object_keys(r.data) as name where name not in"
                        " ('task_id', 'project_id')) as \"changed\"")
    );
    CHECK_THAT(view, Catch::Contains("'One of low, medium, high, urgent. The new value; null"));
}

TEST_CASE("a member never hides a column of the envelope") {
    const auto view = view_of("organization.member_added");
    CHECK_THAT(view, Catch::Contains(R"(r.organization as "organization_id")"));
    CHECK_THAT(
        view, Catch::Contains(R"((r.data->>'organization_id')::uuid as "data_organization)")
    );
}

TEST_CASE("columns of older payloads come from where their members were") {
    const std::array<moved_member, 1> first{{{"wide", "width"}}};
    const std::array<moved_member, 2> second{
        {{"owner", "maker", moved_member::when::null, "buyer"},
         {"owner", "seller", moved_member::when::present, "buyer"}}
    };
    const std::array<events::upcaster, 2> table{
        {{"box.box_opened", 1, nullptr, first}, {"box.box_opened", 2, nullptr, second}}
    };
    CHECK(column_of("colour", table) == "r.data->>'colour'");
    CHECK(
        column_of("width", table) ==
        "case when r.schema_version <= 1 then r.data->>'wide' else r.data->>'width' end"
    );
    CHECK(
        column_of("maker", table) ==
        "case when r.schema_version <= 2 then case when (r.data->>'buyer') is null then"
        " r.data->>'owner' end else r.data->>'maker' end"
    );
    CHECK(
        column_of("seller", table) ==
        "case when r.schema_version <= 2 then case when (r.data->>'buyer') is not null then"
        " r.data->>'owner' end else r.data->>'seller' end"
    );
}

TEST_CASE("whoever changes the views raises their number") {
    // Another text needs another number in history_views.hpp: programs replace older views only.
    // Then put both of them here.
    const std::string hash = infra::hash_of_opaque(infra::history_views_script());
    std::string begins;
    for (const char byte : hash.substr(0, 8)) {
        begins += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    CHECK(infra::history_views_version == 3);
    CHECK(begins == "d3dea3ad5d5eb136");
}
