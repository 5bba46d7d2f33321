// How fast the Kafka log appends: kafka_bench BOOTSTRAP DATABASE_URL [flush]
//
// One record at a time, each sent when the one before is durable; then many in flight. Makes a
// topic of its own, and its place in the (migrated, empty) database.

#include <algorithm>
#include <cstdio>
#include <future>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "infra/kafka/kafka_log.hpp"
#include "infra/postgres/session.hpp"

namespace {

using namespace teamflow;
using infra::append_batch;
using infra::append_outcome;
using bench_clock = std::chrono::steady_clock;

std::shared_ptr<events::record> record_of(const events::epoch& reign, std::int64_t sequence) {
    auto record = std::make_shared<events::record>();
    record->reign = reign;
    record->sequence = sequence;
    const auto number = static_cast<std::uint64_t>(sequence);
    record->commit.id = events::commit_id(events::make_uuid_v7(1, number, 1));
    record->head.id = events::event_id(events::make_uuid_v7(1, number, 2));
    record->head.type = "task.created";
    record->head.stream = "task-01936f3c-7b1a-7000-8000-000000000001";
    record->head.stream_version = sequence + 1;
    record->head.actor = "01936f3c-7b1a-7000-8000-000000000002";
    record->data = R"({"title":")" + std::string(200, 'x') + R"("})";
    return record;
}

struct writer {
    infra::kafka_log& log;
    events::partition_id partition;
    events::epoch reign;
    std::int64_t sequence = 0;

    void append(std::int64_t records, infra::append_done done) {
        append_batch batch{
            .partition = partition, .reign = reign, .first_sequence = sequence, .records = {}
        };
        for (std::int64_t i = 0; i < records; ++i) {
            batch.records.push_back(record_of(reign, sequence++));
        }
        log.append(std::move(batch), std::move(done));
    }
};

void one_at_a_time(writer& at, std::size_t count) {
    std::vector<double> took;
    for (std::size_t i = 0; i < count; ++i) {
        std::promise<append_outcome> promise;
        auto outcome = promise.get_future();
        const auto began = bench_clock::now();
        at.append(1, [&](append_outcome told) { promise.set_value(told); });
        if (outcome.get().status != infra::append_status::durable) {
            std::exit(1);
        }
        took.push_back(std::chrono::duration<double, std::milli>(bench_clock::now() - began).count()
        );
    }
    std::ranges::sort(took);
    fmt::print(
        "one at a time: p50 {:.3f} ms, p95 {:.3f} ms, p99 {:.3f} ms\n",
        took[count / 2],
        took[count * 95 / 100],
        took[count * 99 / 100]
    );
}

void many_in_flight(std::vector<writer>& writers, std::int64_t batches, std::int64_t records) {
    constexpr std::int64_t in_flight_max = 64;
    std::atomic<std::int64_t> in_flight = 0;
    std::atomic<std::int64_t> durable = 0;
    const auto began = bench_clock::now();
    for (std::int64_t i = 0; i < batches; ++i) {
        while (in_flight.load() >= in_flight_max) {
            in_flight.wait(in_flight_max);
        }
        ++in_flight;
        writers[static_cast<std::size_t>(i) % writers.size()].append(
            records,
            [&, records](append_outcome told) {
                durable += told.status == infra::append_status::durable ? records : 0;
                --in_flight;
                in_flight.notify_one();
            }
        );
    }
    while (in_flight.load() > 0) {
        std::this_thread::yield();
    }
    const double seconds = std::chrono::duration<double>(bench_clock::now() - began).count();
    fmt::print(
        "{} in flight, {} records each: {:.0f} durable records/s\n",
        in_flight_max,
        records,
        static_cast<double>(durable.load()) / seconds
    );
}

infra::task<> run(boost::asio::io_context& io, infra::kafka_log::settings how) {
    auto log = co_await infra::kafka_log::open(io.get_executor(), how);
    std::vector<writer> writers;
    for (events::partition_id partition = 0; partition < log->partitions(); ++partition) {
        const events::writer_id me(events::make_uuid_v7(1, 7, static_cast<std::uint64_t>(partition))
        );
        const auto began = bench_clock::now();
        const auto at = co_await log->claim(partition, me, "bench");
        const std::chrono::duration<double, std::milli> took = bench_clock::now() - began;
        if (partition < 2) {
            fmt::print("claim: {:.1f} ms\n", took.count());
        }
        writers.push_back({*log, partition, {.claimed_at = at, .writer = me}});
    }
    one_at_a_time(writers.front(), 3000);
    many_in_flight(writers, 200'000, 1);
    many_in_flight(writers, 20'000, 20);
    log->stop();
    io.stop();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: kafka_bench BOOTSTRAP DATABASE_URL [flush]\n", stderr);
        return 2;
    }
    infra::kafka_log::settings how;
    how.kafka.bootstrap = argv[1];
    how.kafka.topic = fmt::format("bench-{}", bench_clock::now().time_since_epoch().count());
    how.database_url = argv[2];
    infra::postgres::session database(how.database_url);
    const bool flush = argc > 3 && std::string_view(argv[3]) == "flush";
    infra::kafka_log::create(database, how.kafka, {.partitions = 12, .flush_each_record = flush});
    boost::asio::io_context io;
    boost::asio::co_spawn(io, run(io, how), [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
    io.run();
    return 0;
}
