// Questions about the archive that must not read all of it.

#include "query/history.hpp"

#include <catch2/catch.hpp>

#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

/// One organization's events; every second request made two of them. Ids of requests grow, as those
/// do that gateways make.
constexpr auto made_history = R"(
    insert into teamflow.log_records
    select 0, i, 1, 0, '018bd02e-0000-7000-8000-000000000001', i,
           '018bd02e-0000-7000-8000-000000000002', 0, 1,
           ('018bd02e-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'task.task_edited', 1,
           'task-' || i, 1, '018bd02e-0000-7000-8000-000000000003', '', now(),
           ('018bd02f-0000-7000-8000-' || lpad(to_hex(i - i % 2), 12, '0'))::uuid, null, '',
           json_build_object('description', repeat('x', 500)), null, null, null
      from generate_series(0, 29999) as i;
    select brin_summarize_new_values('teamflow.log_records_correlation');
    analyze teamflow.log_records;)";

/// How often the index was read, now that the connection has told: it does so before it takes the
/// statement after the one that asks for it.
std::int64_t uses_of_index(postgres_fixture& fixture, infra::postgres::pool& database) {
    for (const auto* const sql : {"select pg_stat_force_next_flush()", "select 1"}) {
        fixture.run(database.query({"test", sql}));
    }
    return fixture.session()
        .query(
            "select idx_scan from pg_stat_user_indexes"
            " where indexrelname = 'log_records_correlation'"
        )
        .get<std::int64_t>(0, 0);
}

}  // namespace

TEST_CASE("what one request did is found by index", "[history]") {
    postgres_fixture fixture;
    infra::postgres::pool database(
        fixture.executor(), fixture.url(), {.connection = {}, .size = 1}
    );
    fixture.session().execute(made_history);
    const events::organization_id home{*events::parse_uuid("018bd02e-0000-7000-8000-000000000003")};
    const events::event_id one{*events::parse_uuid("018bd02e-0000-7000-8000-000000004e20")};

    const auto all = fixture.run(query::causes_of(database, home, one));
    REQUIRE(all.size() == 2);
    CHECK(all.front().offset == 20'000);
    CHECK(all.back().offset == 20'001);
    CHECK(uses_of_index(fixture, database) == 1);

    query::history_filter filter;
    filter.organization = home;
    filter.correlation_id = all.front().correlation_id;
    query::history asked(database, filter, {{.partition = 0, .after = -1, .until = 29'999}});
    const auto page = fixture.run(asked.next(100));
    REQUIRE(page.size() == 2);
    CHECK(page.front().offset == 20'000);
    CHECK(uses_of_index(fixture, database) == 2);
}

}  // namespace teamflow::tests
