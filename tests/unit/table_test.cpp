#include "projections/table.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <boost/describe.hpp>

#include "events/task.hpp"
#include "projections/projection.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;

struct wide_row {
    events::task_id id;
    std::string title;
    std::optional<std::string> description;
    events::task_status status{};
    std::vector<std::string> tags;
    std::optional<events::date> due_date;
    std::optional<double> hours;
    std::int64_t seconds = 0;
    std::int32_t items = 0;
    bool done = false;
    events::timestamp created_at;
    std::optional<events::checklist_item> first;

    static constexpr std::string_view table = "wide";
    static constexpr auto primary_key = std::tuple(&wide_row::id);
    static constexpr std::array<std::string_view, 1> indexes{"(status, created_at)"};
};
BOOST_DESCRIBE_STRUCT(
    wide_row,
    (),
    (id, title, description, status, tags, due_date, hours, seconds, items, done, created_at, first)
)

struct pair_row {
    events::project_id project_id;
    events::task_status status{};
    std::int64_t tasks = 0;

    static constexpr std::string_view table = "pair";
    static constexpr auto primary_key = std::tuple(&pair_row::project_id, &pair_row::status);
};
BOOST_DESCRIBE_STRUCT(pair_row, (), (project_id, status, tasks))

}  // namespace

TEST_CASE("a table's columns follow the row's members", "[projections]") {
    const auto sql = make_sql(definition_of<wide_row>(), "sample");
    CHECK(
        sql.create ==
        R"(create table "sample"."wide" ("id" uuid not null, "title" text not null, )"
        R"("description" text, "status" text not null, "tags" jsonb not null, "due_date" date, )"
        R"("hours" double precision, "seconds" bigint not null, "items" integer not null, )"
        R"("done" boolean not null, "created_at" timestamptz not null, "first" jsonb, )"
        R"("position_offset" bigint not null, "position_partition" integer not null, )"
        R"(primary key ("id")))"
    );
    REQUIRE(sql.indexes.size() == 1);
    CHECK(sql.indexes.front() == R"(create index on "sample"."wide" (status, created_at))");
}

TEST_CASE("rows are written and found by their whole key", "[projections]") {
    const auto sql = make_sql(definition_of<pair_row>(), "sample");
    CHECK(
        sql.upsert ==
        R"(insert into "sample"."pair" ("project_id", "status", "tasks", "position_offset", )"
        R"("position_partition") select * from unnest($1::uuid[], $2::text[], $3::bigint[], )"
        R"($4::bigint[], $5::integer[]) on conflict ("project_id", "status") do update set )"
        R"("tasks" = excluded."tasks", "position_offset" = excluded."position_offset", )"
        R"("position_partition" = excluded."position_partition")"
    );
    CHECK(
        sql.erase ==
        R"(delete from "sample"."pair" as t using unnest($1::uuid[], $2::text[]) as wanted )"
        R"(("project_id", "status") where t."project_id" = wanted."project_id" and )"
        R"(t."status" = wanted."status")"
    );
    CHECK(
        sql.load ==
        R"(select t."project_id", t."status", t."tasks", t."position_offset", )"
        R"(t."position_partition" from "sample"."pair" as t join unnest($1::uuid[], $2::text[]) )"
        R"(as wanted ("project_id", "status") using ("project_id", "status"))"
    );
}

TEST_CASE("a single key is looked up without a join", "[projections]") {
    const auto sql = make_sql(definition_of<wide_row>(), "sample");
    CHECK(sql.erase == R"(delete from "sample"."wide" where "id" = any($1::uuid[]))");
    CHECK(sql.load.ends_with(R"( from "sample"."wide" where "id" = any($1::uuid[]))"));
}

TEST_CASE("another version or another table is another fingerprint", "[projections]") {
    projection sample{
        .name = "sample", .version = 1, .tables = tables_of<wide_row>(), .handlers = {}
    };
    const auto first = sample.fingerprint();
    CHECK(sample.fingerprint() == first);
    sample.version = 2;
    CHECK(sample.fingerprint() != first);
    sample.version = 1;
    sample.tables.push_back(table_of<pair_row>());
    CHECK(sample.fingerprint() != first);
}
