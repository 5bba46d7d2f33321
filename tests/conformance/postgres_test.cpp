// The promises of the PostgreSQL connection and pool, against a real server.

#include <catch2/catch.hpp>

#include "infra/postgres/connection.hpp"
#include "infra/postgres/pool.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
using infra::task;

task<std::int64_t> one(std::shared_ptr<pg::connection> connection) {
    const pg::statement select{"one", "select 1::bigint"};
    const auto rows = co_await connection->query(select);
    co_return rows.get<std::int64_t>(0, 0);
}

}  // namespace

TEST_CASE("a connection answers", "[postgres]") {
    postgres_fixture fixture;
    auto connection = fixture.run(pg::connection::open(fixture.executor(), fixture.url()));
    REQUIRE(fixture.run(one(connection)) == 1);
    REQUIRE(fixture.run(one(connection)) == 1);
}

}  // namespace teamflow::tests
