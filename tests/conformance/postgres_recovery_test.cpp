// What happens when connections and servers go away: pool and listener.

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>

#include "infra/postgres/listener.hpp"
#include "infra/postgres/pool.hpp"
#include "tests/support/postgres_connected.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
using infra::postgres_error;
using infra::task;

constexpr pg::statement one{"one", "select 1::bigint"};

struct load_report {
    std::int64_t answered = 0;
    std::int64_t lost = 0;
    std::int64_t refused = 0;
    std::int64_t running = 0;
    bool stop = false;
};

/// Inserts one row after the other until told to stop, through whatever happens.
task<void> insert_until_stopped(pg::pool& pool, load_report& report) {
    static constexpr pg::statement insert{"insert", "insert into item default values"};
    ++report.running;
    while (!report.stop) {
        try {
            co_await pool.query(insert);
            ++report.answered;
        } catch (const postgres_error& error) {
            ++(error.is_connection_lost() ? report.lost : report.refused);
        }
    }
    --report.running;
}

/// Runs the io_context until `done` holds.
template <class Condition>
void run_until(boost::asio::io_context& io, const Condition& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    io.restart();
    while (!done() && io.run_one_until(deadline) > 0) {
    }
    REQUIRE(done());
}

pg::pool_options small_pool() {
    pg::pool_options options;
    options.size = 3;
    options.acquire_limit = std::chrono::seconds(30);
    return options;
}

/// Lets 20 coroutines insert, does `harm`, waits for the pool to serve again, stops. Every row
/// that was acknowledged must be there, and no more than those with an unknown outcome besides.
template <class Harm>
load_report survive(postgres_fixture& fixture, const Harm& harm) {
    fixture.session().execute("create table item (id bigint generated always as identity)");
    pg::pool pool(fixture.executor(), fixture.url(), small_pool());
    load_report report;
    for (int i = 0; i < 20; ++i) {
        infra::asio::co_spawn(
            fixture.executor(), insert_until_stopped(pool, report), infra::asio::detached
        );
    }
    run_until(fixture.io(), [&] { return report.answered > 200; });
    harm();
    run_until(fixture.io(), [&] { return report.lost > 0; });
    const auto before = report.answered;
    run_until(fixture.io(), [&] {
        return report.answered > before + 200 && pool.counters().connections_open == 3;
    });
    report.stop = true;
    run_until(fixture.io(), [&] { return report.running == 0; });
    const auto rows = fixture.run(pool.query({"count", "select count(*) from item"}));
    const auto count = rows.get<std::int64_t>(0, 0);
    CHECK(count >= report.answered);
    CHECK(count <= report.answered + report.lost);
    CHECK(report.refused == 0);
    CHECK(pool.counters().in_flight == 0);
    CHECK(pool.counters().errors == static_cast<std::uint64_t>(report.lost));
    pool.close();
    return report;
}

}  // namespace

TEST_CASE("the pool recovers from terminated connections", "[postgres]") {
    postgres_fixture fixture;
    pg::session admin(fixture.url());
    survive(fixture, [&] {
        admin.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> "
            "pg_backend_pid() and datname = current_database() and application_name = 'teamflow' "
            "and backend_type = 'client backend' and query like 'insert%'"
        );
    });
}

TEST_CASE("the pool recovers from a crash of the server", "[postgres]") {
    postgres_fixture fixture;
    survive(fixture, [] {
        postgres_fixture::server().stop(pg::stop_mode::immediate);
        postgres_fixture::server().start();
    });
}

TEST_CASE("threads with a pool each share nothing but counters", "[postgres]") {
    postgres_fixture fixture;
    const auto add = [](pg::pool& pool, std::int64_t& sum) -> task<void> {
        for (int i = 0; i < 500; ++i) {
            const auto row = co_await pool.query(one);
            sum += row.get<std::int64_t>(0, 0);
        }
    };
    constexpr std::size_t count = 4;
    std::array<std::int64_t, count> sums{};
    {
        std::deque<boost::asio::io_context> contexts;
        std::deque<pg::pool> pools;
        for (std::size_t i = 0; i < count; ++i) {
            auto& io = contexts.emplace_back(1);
            pools.emplace_back(io.get_executor(), fixture.url(), small_pool());
        }
        std::vector<std::jthread> threads;
        threads.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&contexts, &pools, &sums, &add, i] {
                run_task(contexts[i], add(pools[i], sums[i]));
            });
        }
        while (std::ranges::any_of(pools, [](const auto& p) { return p.counters().calls < 500; })) {
            std::this_thread::yield();
        }
    }
    CHECK(sums == std::array<std::int64_t, count>{500, 500, 500, 500});
}

TEST_CASE("without a server the pool fails in time", "[postgres]") {
    postgres_fixture fixture;
    pg::pool_options options;
    options.acquire_limit = std::chrono::milliseconds(200);
    pg::pool pool(fixture.executor(), "postgresql:///none?host=/nonexistent", std::move(options));
    CHECK_THROWS_AS(fixture.run(pool.query(one)), infra::postgres_unavailable);
    CHECK(pool.counters().connect_failures > 0);
    CHECK(pool.counters().errors == 1);
}

TEST_CASE("a closed pool refuses", "[postgres]") {
    postgres_fixture fixture;
    pg::pool pool(fixture.executor(), fixture.url(), small_pool());
    CHECK(fixture.run(pool.query(one)).get<std::int64_t>(0, 0) == 1);
    pool.close();
    CHECK_THROWS_AS(fixture.run(pool.query(one)), infra::postgres_unavailable);
}

TEST_CASE("what was not sent is not in doubt, what was sent is", "[postgres]") {
    pg::connection_options options;
    options.in_flight_max = 1;
    connected at(std::move(options));
    at.query("select 1");
    std::deque<std::string> seen;
    const auto sleep = [](shared_connection connection, std::deque<std::string>& to) -> task<void> {
        static constexpr pg::statement wait{"wait", "select pg_sleep(60)"};
        try {
            co_await connection->query(wait);
        } catch (const postgres_error& error) {
            to.push_back(error.is_outcome_unknown() ? "unknown" : "not sent");
        }
    };
    for (int i = 0; i < 2; ++i) {
        infra::asio::co_spawn(at.executor(), sleep(at.connection, seen), infra::asio::detached);
    }
    at.io().restart();
    at.io().poll();
    at.connection->close();
    run_until(at.io(), [&] { return seen.size() == 2; });
    CHECK(seen == std::deque<std::string>{"unknown", "not sent"});
    CHECK_THROWS_AS(at.query("select 1"), postgres_error);
}

TEST_CASE("a server that stays silent counts as lost", "[postgres]") {
    pg::connection_options options;
    options.response_limit = std::chrono::milliseconds(300);
    connected at(std::move(options));
    try {
        at.query("select pg_sleep(60)");
        FAIL("it answered");
    } catch (const postgres_error& error) {
        CHECK(error.is_outcome_unknown());
        CHECK_THAT(error.what(), Catch::Contains("no answer within 300 ms"));
    }
    CHECK_FALSE(at.connection->is_open());
}

TEST_CASE("sessions whose endpoint gives up are cut, and so is what they wait for", "[postgres]") {
    const postgres_fixture fixture;
    pg::session admin(fixture.url());
    std::stop_source giving_up;
    pg::session waiting({fixture.url(), giving_up.get_token()});
    const auto await_waiting = [&](std::int64_t sessions) {
        static const std::string sql = "select count(*) from pg_locks where not granted";
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        bool is_so = false;
        while (!is_so && std::chrono::steady_clock::now() < deadline) {
            is_so = admin.query(sql).get<std::int64_t>(0, 0) == sessions;
        }
        CHECK(is_so);
    };
    admin.execute("select pg_advisory_lock(77)");
    std::optional<bool> was_lost;
    std::thread other([&] {
        try {
            waiting.execute("select pg_advisory_lock(77)");
        } catch (const postgres_error& error) {
            was_lost = error.is_connection_lost();
        }
    });
    await_waiting(1);
    giving_up.request_stop();
    other.join();
    CHECK(was_lost == true);
    await_waiting(0);
    const pg::endpoint gone(fixture.url(), giving_up.get_token());
    CHECK_THROWS_AS(pg::session(gone), postgres_error);
}

TEST_CASE("an address that does not answer fails in time", "[postgres]") {
    postgres_fixture fixture;
    // A socket that listens and never accepts: the connection hangs in its first read.
    boost::asio::io_context other;
    namespace ip = boost::asio::ip;
    ip::tcp::acceptor silent(other, {ip::address_v4::loopback(), 0});
    pg::connection_options options;
    options.connect.time_limit = std::chrono::milliseconds(200);
    const auto url = fmt::format(
        "postgresql://127.0.0.1:{}/none?sslmode=disable", silent.local_endpoint().port()
    );
    CHECK_THROWS_WITH(
        fixture.run(pg::connection::open(fixture.executor(), url, options)),
        Catch::Contains("no connection within 200 ms")
    );
}

TEST_CASE("calls left behind when the io_context goes leak nothing", "[postgres]") {
    postgres_fixture fixture;
    boost::asio::io_context io;
    auto connection = run_task(io, pg::connection::open(io.get_executor(), fixture.url()));
    const auto wait = [](shared_connection held) -> task<void> {
        static constexpr pg::statement forever{"wait", "select pg_sleep(60)"};
        co_await held->query(forever);
    };
    infra::asio::co_spawn(io, wait(connection), infra::asio::detached);
    connection.reset();
    io.restart();
    io.poll();
}

TEST_CASE("a listener hears, and comes back after its connection went", "[postgres]") {
    postgres_fixture fixture;
    std::deque<std::string> heard;
    int listening = 0;
    pg::listener listener(
        fixture.executor(),
        fixture.url(),
        {"first", "Sec\"ond"},
        {[&](std::string_view channel, std::string_view payload) {
             heard.push_back(fmt::format("{}={}", channel, payload));
         },
         [&] { ++listening; }}
    );
    run_until(fixture.io(), [&] { return listening == 1; });
    fixture.session().execute("notify first, 'a'; notify \"Sec\"\"ond\", 'b'; notify other, 'c'");
    run_until(fixture.io(), [&] { return heard.size() == 2; });
    CHECK(heard == std::deque<std::string>{"first=a", "Sec\"ond=b"});
    fixture.session().execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and "
        "datname = current_database() and backend_type = 'client backend'"
    );
    run_until(fixture.io(), [&] { return listening == 2; });
    fixture.session().execute("notify first, 'd'");
    run_until(fixture.io(), [&] { return heard.size() == 3; });
    CHECK(heard.back() == "first=d");
    listener.close();
}

}  // namespace teamflow::tests
