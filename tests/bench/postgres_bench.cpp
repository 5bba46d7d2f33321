// How many statements a second one pipelined connection carries. Usage: postgres_bench URL

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "infra/postgres/pool.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::bench {

namespace {

namespace pg = infra::postgres;
using infra::task;
using clock = std::chrono::steady_clock;

constexpr int rows = 100'000;
constexpr auto measured = std::chrono::seconds(3);

struct measurement {
    std::vector<double> latencies_us;
    int running = 0;
};

task<void> look_up(pg::pool& pool, clock::time_point end, measurement& into, std::int32_t first) {
    static constexpr pg::statement select{"by_key", "select name from item where id = $1"};
    std::int32_t key = first;
    while (true) {
        const auto begin = clock::now();
        if (begin >= end) {
            break;
        }
        key = (key * 31 + 7) % rows;
        const auto row = co_await pool.query(select, pg::params::of(key));
        if (row.get<std::string_view>(0, 0).empty()) {
            break;
        }
        const std::chrono::duration<double, std::micro> took = clock::now() - begin;
        into.latencies_us.push_back(took.count());
    }
    --into.running;
}

void measure(const std::string& url, std::size_t connections, int in_flight) {
    boost::asio::io_context io{1};
    pg::pool_options options;
    options.size = connections;
    pg::pool pool(io.get_executor(), url, options);
    while (pool.counters().connections_open < static_cast<std::int64_t>(connections)) {
        io.run_one();
    }
    measurement into;
    into.running = in_flight;
    const auto end = clock::now() + measured;
    for (int i = 0; i < in_flight; ++i) {
        infra::asio::co_spawn(io, look_up(pool, end, into, i), infra::asio::detached);
    }
    while (into.running > 0) {
        io.run_one();
    }
    auto& all = into.latencies_us;
    std::ranges::sort(all);
    const auto at = [&all](double share) {
        return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    };
    fmt::print(
        "{} connections, {:4} in flight: {:8.0f}/s, p50 {:6.0f} us, p99 {:6.0f} us\n",
        connections,
        in_flight,
        static_cast<double>(all.size()) / std::chrono::duration<double>(measured).count(),
        at(0.5),
        at(0.99)
    );
    pool.close();
}

void run(const std::string& url) {
    pg::session setup(url);
    setup.execute(fmt::format(
        "drop table if exists item; create table item (id int primary key, name text not null); "
        "insert into item select i, 'name ' || i from generate_series(0, {}) i; analyze item",
        rows
    ));
    for (const int in_flight : {1, 16, 64, 256}) {
        measure(url, 1, in_flight);
    }
    measure(url, 2, 64);
    setup.execute("drop table item");
}

}  // namespace

}  // namespace teamflow::bench

int main(int count, char** arguments) {
    const std::span<char*> all(arguments, static_cast<std::size_t>(count));
    if (all.size() != 2) {
        fmt::print(stderr, "usage: postgres_bench URL\n");
        return 2;
    }
    teamflow::bench::run(all[1]);
    return 0;
}
