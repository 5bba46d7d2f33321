// What one pipelined connection promises, against a real PostgreSQL.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/support/postgres_connected.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
using infra::postgres_error;
using infra::task;

/// Asks for `number` squared and writes down when the answer came. Odd calls fail if asked to.
task<void> ask(
    shared_connection connection,
    std::int64_t number,
    bool odd_fails,
    std::shared_ptr<std::vector<std::int64_t>> answers
) {
    const pg::statement square{"square", "select 100 / $1::bigint, $2::bigint * $2::bigint"};
    const std::int64_t divisor = odd_fails && number % 2 == 1 ? 0 : 1;
    try {
        const auto row = co_await connection->query(square, pg::params::of(divisor, number));
        answers->push_back(row.get<std::int64_t>(0, 1));
    } catch (const postgres_error& error) {
        answers->push_back(error.sqlstate() == "22012" ? -number : 0);
    }
}

/// Starts `count` calls at once and gives the answers in the order in which they came.
std::vector<std::int64_t> ask_many(connected& at, std::int64_t count, bool odd_fails) {
    const auto answers = std::make_shared<std::vector<std::int64_t>>();
    for (std::int64_t i = 0; i < count; ++i) {
        infra::asio::co_spawn(
            at.executor(), ask(at.connection, i, odd_fails, answers), infra::asio::detached
        );
    }
    at.io().restart();
    while (answers->size() < static_cast<std::size_t>(count) && at.io().run_one() > 0) {
    }
    return *answers;
}

}  // namespace

TEST_CASE("answers come in the order of the calls", "[postgres]") {
    connected at;
    const auto answers = ask_many(at, 5000, false);
    REQUIRE(answers.size() == 5000);
    for (std::int64_t i = 0; i < 5000; ++i) {
        REQUIRE(answers[static_cast<std::size_t>(i)] == i * i);
    }
}

TEST_CASE("an error among pipelined calls does not touch its neighbours", "[postgres]") {
    connected at;
    const auto answers = ask_many(at, 1000, true);
    REQUIRE(answers.size() == 1000);
    for (std::int64_t i = 0; i < 1000; ++i) {
        REQUIRE(answers[static_cast<std::size_t>(i)] == (i % 2 == 1 ? -i : i * i));
    }
}

TEST_CASE("a batch is committed whole or not at all", "[postgres]") {
    connected at;
    at.session().execute("create table item (id int primary key)");
    const pg::statement insert{"insert", "insert into item values ($1) returning id"};
    const pg::statement divide{"divide", "select 1 / $1::int"};
    const auto done = at.atomically({{insert, pg::params::of(1)}, {insert, pg::params::of(2)}});
    REQUIRE(done.size() == 2);
    CHECK(done[1].get<std::int32_t>(0, 0) == 2);
    try {
        at.atomically(
            {{insert, pg::params::of(3)}, {divide, pg::params::of(0)}, {insert, pg::params::of(4)}}
        );
        FAIL("a batch with an error was committed");
    } catch (const postgres_error& error) {
        CHECK(error.sqlstate() == "22012");
        CHECK_FALSE(error.is_connection_lost());
        CHECK_THAT(error.what(), Catch::Contains("divide"));
    }
    CHECK(at.query("select count(*) from item").get<std::int64_t>(0, 0) == 2);
    CHECK(at.atomically({}).empty());
}

TEST_CASE("an error at commit is an error of the call", "[postgres]") {
    connected at;
    at.session().execute("create table item (id int unique deferrable initially deferred)");
    at.query("insert into item values (1)");
    try {
        at.query("insert into item values (1)");
        FAIL("a violated constraint was committed");
    } catch (const postgres_error& error) {
        CHECK(error.sqlstate() == "23505");
        CHECK(error.constraint() == "item_id_key");
    }
    CHECK(at.query("select count(*) from item").get<std::int64_t>(0, 0) == 1);
}

TEST_CASE("a statement that cannot be prepared fails alone", "[postgres]") {
    connected at;
    CHECK(at.refusal("selec 1") == "42601");
    CHECK(at.refusal("select * from absent") == "42P01");
    CHECK(at.refusal("select $1::int", pg::params::of(std::int64_t{1} << 40U)) == "22003");
    CHECK(at.query("select 1").get<std::int32_t>(0, 0) == 1);
    at.session().execute("create table absent (id int)");
    CHECK(at.query("select * from absent").empty());
}

TEST_CASE("a batch whose statements cannot be prepared is not committed", "[postgres]") {
    connected at;
    at.session().execute("create table item (id int primary key)");
    const pg::statement insert{"insert", "insert into item values ($1)"};
    const pg::statement broken{"broken", "selec 1"};
    CHECK_THROWS_AS(at.atomically({{insert, pg::params::of(1)}, {broken, {}}}), postgres_error);
    CHECK(at.query("select count(*) from item").get<std::int64_t>(0, 0) == 0);
}

TEST_CASE("a plan that went stale is made anew", "[postgres]") {
    connected at;
    at.session().execute("create table item (id int); insert into item values (1)");
    CHECK(at.query("select * from item").columns() == 1);
    at.session().execute("alter table item add column name text");
    CHECK(at.query("select * from item").columns() == 2);
    at.session().execute("drop table item; create table item (id int)");
    CHECK(at.query("select * from item").empty());
    at.query("deallocate all");
    CHECK(at.query("select * from item").empty());
}

TEST_CASE("prepared statements are bounded", "[postgres]") {
    pg::connection_options options;
    options.prepared_max = 8;
    connected at(std::move(options));
    for (int round = 0; round < 2; ++round) {
        for (std::int32_t i = 0; i < 30; ++i) {
            const std::string sql = fmt::format("select {}", i);
            CHECK(at.query(sql).get<std::int32_t>(0, 0) == i);
        }
    }
    const auto count = at.query("select count(*) from pg_prepared_statements where name like 't%'");
    CHECK(count.get<std::int64_t>(0, 0) <= 9);
}

TEST_CASE("a batch may use more statements than are kept", "[postgres]") {
    pg::connection_options options;
    options.prepared_max = 3;
    connected at(std::move(options));
    std::vector<std::string> sql;
    sql.reserve(10);
    for (int i = 0; i < 10; ++i) {
        sql.push_back(fmt::format("select {}", i));
    }
    std::vector<pg::call> calls;
    calls.reserve(sql.size());
    for (const std::string& each : sql) {
        calls.push_back({{"number", each}, {}});
    }
    const auto rows = at.atomically(std::move(calls));
    CHECK(rows.at(9).get<std::int32_t>(0, 0) == 9);
}

TEST_CASE("many large calls pass through a small window", "[postgres]") {
    pg::connection_options options;
    options.in_flight_max = 4;
    options.in_flight_bytes_max = 1 << 20;
    connected at(std::move(options));
    const auto lengths = std::make_shared<std::vector<std::int64_t>>();
    const auto echo = [](shared_connection connection,
                         std::size_t size,
                         std::shared_ptr<std::vector<std::int64_t>> seen) -> task<void> {
        const pg::statement both{"both", "select $1::text"};
        const std::string text(size, 'y');
        const auto row = co_await connection->query(both, pg::params::of(text));
        seen->push_back(static_cast<std::int64_t>(row.get<std::string_view>(0, 0).size()));
    };
    for (std::size_t i = 1; i <= 50; ++i) {
        infra::asio::co_spawn(
            at.executor(), echo(at.connection, i * 100'000, lengths), infra::asio::detached
        );
    }
    at.io().restart();
    while (lengths->size() < 50 && at.io().run_one() > 0) {
    }
    for (std::int64_t i = 1; i <= 50; ++i) {
        CHECK((*lengths)[static_cast<std::size_t>(i - 1)] == i * 100'000);
    }
}

TEST_CASE("settings of the session apply", "[postgres]") {
    pg::connection_options options;
    options.settings = {{"statement_timeout", "1234ms"}, {"search_path", "\"a b\", public"}};
    options.connect.application_name = "a test";
    connected at(std::move(options));
    CHECK(at.query("show statement_timeout").get<std::string>(0, 0) == "1234ms");
    CHECK(at.query("show search_path").get<std::string>(0, 0) == "\"a b\", public");
    CHECK(at.query("show application_name").get<std::string>(0, 0) == "a test");
}

}  // namespace teamflow::tests
