#include "infra/kafka/statistics.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace teamflow;
using namespace std::chrono_literals;

namespace {

using partitions = std::vector<events::partition_id>;

std::string broker(int id, std::string_view state, std::int64_t idle_us) {
    return fmt::format(
        R"("localhost:{0}/{0}":{{"nodeid":{0},"state":"{1}","rxidle":{2}}})", id, state, idle_us
    );
}

std::string partition(int id, int leader, std::string_view state = "active") {
    return fmt::format(
        R"("{0}":{{"partition":{0},"leader":{1},"fetch_state":"{2}"}})", id, leader, state
    );
}

/// Three brokers: one speaks, one is silent, one is gone.
std::string statistics(std::string_view of_topic) {
    return fmt::format(
        R"({{"name":"rdkafka#consumer-1","brokers":{{{},{},{},{}}},"topics":{{"ours":{{)"
        R"("topic":"ours","partitions":{{{}}}}}}}}})",
        broker(1, "UP", 400'000),
        broker(2, "UP", 1'600'000),
        broker(3, "DOWN", 100'000),
        broker(4, "UP", -1),
        of_topic
    );
}

partitions heard(std::string_view of_topic, std::string_view topic = "ours") {
    return infra::kafka::partitions_heard_of(statistics(of_topic), topic, 1500ms);
}

}  // namespace

TEST_CASE("statistics: a partition is heard of while its leader speaks", "[kafka_statistics]") {
    const auto all = fmt::format(
        "{},{},{},{},{},{}",
        partition(0, 1),
        partition(1, 2),
        partition(2, 3),
        partition(3, 4),
        partition(4, -1),
        partition(5, 1)
    );
    CHECK(heard(all) == partitions{0, 5});
    CHECK(heard(all, "others").empty());
}

TEST_CASE("statistics: what is not being read is not heard of", "[kafka_statistics]") {
    CHECK(heard(partition(0, 1, "offset-query")).empty());
    CHECK(heard(partition(-1, 1)).empty());
}

TEST_CASE("statistics: what is none says nothing", "[kafka_statistics]") {
    for (const auto* text : {"", "{", "[]", "{}", R"({"topics":[]})", R"({"topics":{"ours":7}})"}) {
        CHECK(infra::kafka::partitions_heard_of(text, "ours", 1500ms).empty());
    }
}
