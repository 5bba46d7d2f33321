#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "infra/histogram.hpp"
#include "infra/latency_table.hpp"

namespace teamflow::tests {

using namespace std::chrono_literals;

TEST_CASE("a histogram puts each value into the first bucket that holds it") {
    infra::power_histogram<2, 4> counts;  // up to 4, 8, 16, more
    for (const std::uint64_t value : {0U, 1U, 4U, 5U, 8U, 9U, 16U, 17U, 1000U}) {
        counts.observe(value);
    }
    CHECK(counts.count(0) == 3);
    CHECK(counts.count(1) == 2);
    CHECK(counts.count(2) == 2);
    CHECK(counts.count(3) == 2);
    CHECK(counts.sum() == 1060);
}

TEST_CASE("a latency is counted in microseconds, and never below zero") {
    infra::latency_histogram latencies;
    latencies.observe(-1ms);
    latencies.observe(64us);
    latencies.observe(1ms);
    latencies.observe(1h);
    CHECK(latencies.count(0) == 2);
    CHECK(latencies.count(4) == 1);
    CHECK(latencies.count(infra::latency_histogram::buckets - 1) == 1);
}

TEST_CASE("a table of latencies tells kinds apart, from many threads") {
    infra::latency_table table;
    constexpr int rounds = 1000;
    constexpr int workers = 4;
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (int thread = 0; thread < workers; ++thread) {
        threads.emplace_back([&table] {
            for (int i = 0; i < rounds; ++i) {
                table.observe("name " + std::to_string(i % 50), static_cast<unsigned>(i % 3), 1ms);
            }
        });
    }
    threads.clear();
    std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> seen;
    table.for_each([&](const infra::latency_table::entry& each) {
        seen[{each.name, each.kind}] += each.latencies.count(4);
    });
    CHECK(seen.size() == 150);
    std::uint64_t sum = 0;
    for (const auto& [kind, count] : seen) {
        sum += count;
    }
    CHECK(sum == workers * rounds);
}

TEST_CASE("a table of latencies is bounded") {
    infra::latency_table table;
    constexpr unsigned kinds = 5000;
    for (unsigned kind = 0; kind < kinds; ++kind) {
        table.observe("name", kind, 1ms);
    }
    std::size_t entries = 0;
    std::uint64_t others = 0;
    table.for_each([&](const infra::latency_table::entry& each) {
        ++entries;
        others += each.name == "other" ? each.latencies.count(4) : 0;
    });
    CHECK(entries == 1024);
    CHECK(others == kinds - 1023);
}

}  // namespace teamflow::tests
