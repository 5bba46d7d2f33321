// A topic that ends before its archive, for a moment or for good.

#include "infra/kafka/truncation.hpp"

#include <future>

#include <catch2/catch.hpp>

#include "tests/support/driven_writer.hpp"
#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

using namespace std::chrono_literals;

TEST_CASE("a partition that ends early is asked again before it counts as truncated", "[kafka]") {
    kafka_backend backend;
    auto log = backend.open_kafka();
    auto& database = backend.database();
    const auto writer = std::make_shared<driven_writer>(log, database.executor(), 1, 1);
    database.run(writer->own());
    writer->append(1);
    database.run(writer->settle());
    const auto next = writer->records_of(7, 1, 1, 1);
    const auto archived = std::make_shared<events::record>(*next.front());
    archived->partition = 1;
    archived->at = 2;
    infra::kafka::catch_up topic(backend.settings().kafka);
    const std::atomic<bool> stopping = false;
    const auto difference = [&](std::chrono::milliseconds patience) {
        return infra::kafka::find_truncation(topic, {archived}, patience, stopping);
    };

    CHECK_THAT(difference(0ms), Catch::Contains("partition 1 ends before offset 2"));
    auto answer = std::async(std::launch::async, difference, 60s);
    writer->append_past_machine(next);
    CHECK(answer.get().empty());

    // Another record is another log, whatever comes later.
    archived->head.id = events::event_id(events::make_uuid_v7(1, 2, 3));
    CHECK_THAT(difference(60s), Catch::Contains("partition 1 has another record at offset 2"));
}

}  // namespace teamflow::tests
