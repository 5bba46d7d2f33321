// What the logs themselves can do, without TeamFlow: one durable write after the other, and many.
// The result is one line of JSON.
// raw_log postgres URL SECONDS        one row a transaction over libpq, then 64 connections at once
// raw_log query URL SQL SECONDS       one prepared query over libpq, then 16 connections at once
// raw_log kafka BOOTSTRAP SECONDS [flush]   librdkafka with acks=all, then 64 in flight

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "infra/kafka/topic.hpp"
#include "infra/postgres/session.hpp"
#include "tests/bench/load_generator.hpp"

namespace teamflow::bench {

namespace {

using clock = std::chrono::steady_clock;

const std::string payload(400, 'x');

void print(const histogram& one, double together_per_second) {
    fmt::print(
        R"({{"p50_us":{:.1f},"p99_us":{:.1f},"per_second":{:.1f}}})"
        "\n",
        one.percentile_us(0.5),
        one.percentile_us(0.99),
        together_per_second
    );
}

/// How long `work` takes, again and again until `end`.
histogram repeat_until(clock::time_point end, const std::function<void()>& work) {
    histogram taken;
    while (true) {
        const auto begin = clock::now();
        if (begin >= end) {
            return taken;
        }
        work();
        taken.add(clock::now() - begin);
    }
}

/// One prepared statement again and again: on one connection, then on `together`.
void measure_statement(
    const std::string& url, const std::string& sql, int together, std::chrono::duration<double> time
) {
    const auto run = [&](histogram& into) {
        infra::postgres::session own(url);
        own.execute("prepare it as " + sql);
        const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(time);
        into = repeat_until(end, [&own] { own.query("execute it"); });
    };
    histogram one;
    run(one);
    std::vector<histogram> all(static_cast<std::size_t>(together));
    std::vector<std::jthread> threads;
    threads.reserve(all.size());
    for (auto& each : all) {
        threads.emplace_back([&run, &each] { run(each); });
    }
    threads.clear();
    std::uint64_t count = 0;
    for (const auto& each : all) {
        count += each.count();
    }
    print(one, static_cast<double>(count) / time.count());
}

void measure_commits(const std::string& url, std::chrono::duration<double> time) {
    infra::postgres::session setup(url);
    setup.execute("create table raw_log (id bigserial primary key, data text not null)");
    constexpr int together = 64;
    measure_statement(url, "insert into raw_log (data) values ('" + payload + "')", together, time);
    setup.execute("drop table raw_log");
}

/// Counts what the broker confirmed.
void count_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* counter) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fmt::print(stderr, "{}\n", rd_kafka_err2str(message->err));
        std::exit(EXIT_FAILURE);
    }
    ++*static_cast<std::uint64_t*>(counter);
}

using producer = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

producer make_producer(const std::string& bootstrap, std::uint64_t& confirmed) {
    auto* conf = rd_kafka_conf_new();
    const auto set = [conf](const char* name, const char* value) {
        rd_kafka_conf_set(conf, name, value, nullptr, 0);
    };
    set("bootstrap.servers", bootstrap.c_str());
    set("enable.idempotence", "true");
    set("acks", "all");
    set("linger.ms", "0");
    rd_kafka_conf_set_opaque(conf, &confirmed);
    rd_kafka_conf_set_dr_msg_cb(conf, count_delivery);
    producer made(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0), rd_kafka_destroy);
    if (!made) {
        throw std::runtime_error("librdkafka makes no producer");
    }
    return made;
}

void measure_produce(const std::string& bootstrap, std::chrono::duration<double> time, bool flush) {
    infra::kafka::settings how;
    how.bootstrap = bootstrap;
    how.topic = fmt::format("raw-log-{}", clock::now().time_since_epoch().count());
    infra::kafka::topic_plan wanted;
    wanted.partitions = 12;
    wanted.flush_each_record = flush;
    infra::kafka::create_topic(how, wanted);
    std::uint64_t confirmed = 0;
    const auto client = make_producer(bootstrap, confirmed);
    const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
        rd_kafka_topic_new(client.get(), how.topic.c_str(), nullptr), rd_kafka_topic_destroy
    );
    std::uint64_t sent = 0;
    const auto send = [&](std::int32_t partition) {
        auto bytes = payload;
        rd_kafka_produce(
            topic.get(),
            partition,
            RD_KAFKA_MSG_F_COPY,
            bytes.data(),
            bytes.size(),
            nullptr,
            0,
            nullptr
        );
        ++sent;
    };
    const auto until_at_most = [&](std::uint64_t in_flight) {
        while (sent - confirmed > in_flight) {
            rd_kafka_poll(client.get(), 10);
        }
    };
    for (std::int32_t i = 0; i < wanted.partitions; ++i) {
        send(i);
    }
    until_at_most(0);
    const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(time);
    const auto one = repeat_until(end, [&] {
        send(0);
        until_at_most(0);
    });
    const auto before = confirmed;
    const auto last = clock::now() + std::chrono::duration_cast<clock::duration>(time);
    while (clock::now() < last) {
        constexpr std::uint64_t in_flight = 64;
        send(static_cast<std::int32_t>(sent % static_cast<std::uint64_t>(wanted.partitions)));
        until_at_most(in_flight - 1);
    }
    const auto rate = static_cast<double>(confirmed - before) / time.count();
    until_at_most(0);
    print(one, rate);
}

int run(const std::vector<std::string>& arguments) {
    const auto is = [&](std::string_view what, std::size_t count) {
        return arguments.size() >= count && arguments[0] == what;
    };
    if (is("postgres", 3)) {
        measure_commits(arguments[1], std::chrono::duration<double>(std::stod(arguments[2])));
    } else if (is("query", 4)) {
        constexpr int together = 16;
        const std::chrono::duration<double> time(std::stod(arguments[3]));
        measure_statement(arguments[1], arguments[2], together, time);
    } else if (is("kafka", 3)) {
        const bool flush = arguments.size() > 3 && arguments[3] == "flush";
        const std::chrono::duration<double> time(std::stod(arguments[2]));
        measure_produce(arguments[1], time, flush);
    } else {
        fmt::print(stderr, "usage: see the head of tests/bench/raw_log.cpp\n");
        return 2;
    }
    return EXIT_SUCCESS;
}

}  // namespace

}  // namespace teamflow::bench

int main(int count, char** arguments) {
    return teamflow::bench::run({arguments + 1, arguments + count});
}
