// Migrations: once, in order, by one program at a time, and never over a database they do not fit.

#include "infra/postgres/migrations.hpp"

#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
using files = std::vector<infra::embedded_file>;
using names = std::vector<std::string>;

infra::embedded_file base() {
    return pg::own_migrations().front();
}

/// An empty database: without the migrations that the fixture's template has.
struct empty_database : postgres_fixture {
    empty_database() { session().execute("drop schema teamflow cascade"); }
};

}  // namespace

TEST_CASE("the program's own migrations are applied once", "[migrations]") {
    postgres_fixture fixture;
    CHECK(pg::apply_migrations(fixture.url()).empty());
    const auto count = fixture.session().query("select count(*) from teamflow.migrations");
    CHECK(count.get<std::int64_t>(0, 0) == static_cast<std::int64_t>(pg::own_migrations().size()));
}

TEST_CASE("missing migrations are applied in order", "[migrations]") {
    empty_database database;
    const infra::embedded_file two{"0002_two.sql", "create table two (id int)"};
    const infra::embedded_file three{"0003_three.sql", "alter table two add column name text;"};
    CHECK(
        pg::apply_migrations(database.url(), files{two, base()}) == names{"0001_base", "0002_two"}
    );
    CHECK(pg::apply_migrations(database.url(), files{three, two, base()}) == names{"0003_three"});
    CHECK(pg::apply_migrations(database.url(), files{base(), two, three}).empty());
    CHECK(database.session().query("select name from two").empty());
}

TEST_CASE("a migration that fails leaves nothing behind", "[migrations]") {
    empty_database database;
    const infra::embedded_file broken{"0002_broken.sql", "create table two (id int); selec 1;"};
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{base(), broken}),
        Catch::Contains("0002_broken") && Catch::Contains("syntax error")
    );
    CHECK(database.session()
              .query("select to_regclass('two') is null and count(*) = 1 from teamflow.migrations")
              .get<bool>(0, 0));
}

TEST_CASE("a database that does not fit is refused", "[migrations]") {
    empty_database database;
    const infra::embedded_file two{"0002_two.sql", "create table two (id int)"};
    const infra::embedded_file four{"0004_four.sql", "select 4"};
    pg::apply_migrations(database.url(), files{base(), two, four});
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{base(), two}), Catch::Contains("newer teamflow")
    );
    const infra::embedded_file changed{"0002_two.sql", "create table two (id bigint)"};
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{base(), changed, four}),
        Catch::Contains("0002_two was changed")
    );
    const infra::embedded_file late{"0003_late.sql", "select 3"};
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{base(), two, late, four}),
        Catch::Contains("higher number")
    );
    const infra::embedded_file misnamed{"2_two.sql", ""};
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{misnamed}), Catch::Contains("NNNN_name.sql")
    );
    CHECK_THROWS_WITH(
        pg::apply_migrations(database.url(), files{base(), base()}),
        Catch::Contains("two migrations")
    );
}

TEST_CASE("programs that start at once apply migrations once", "[migrations]") {
    empty_database database;
    const infra::embedded_file slow{"0002_slow.sql", "create table two (id int)"};
    const files all{base(), slow};
    std::atomic<std::size_t> applied = 0;
    {
        std::vector<std::jthread> programs;
        programs.reserve(8);
        for (int i = 0; i < 8; ++i) {
            programs.emplace_back([&] {
                applied += pg::apply_migrations(database.url(), all).size();
            });
        }
    }
    CHECK(applied == 2);
}

}  // namespace teamflow::tests
