#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include <boost/asio/use_future.hpp>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/offline_log.hpp"
#include "app/open_log.hpp"
#include "infra/crypto/random.hpp"
#include "infra/io_threads.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto archive_patience = 10min;

/// Takes every partition away from whoever may still think it owns it, and closes open commits:
/// behind the claims that this appends, the history ends.
std::vector<events::offset> close_history(infra::io_threads& threads, infra::event_log& log) {
    infra::system_random random;
    std::vector<events::offset> ends;
    for (events::partition_id partition = 0; partition < log.partitions(); ++partition) {
        events::writer_id writer;
        random.fill(writer.value.data);
        auto claim = log.claim(partition, writer, "teamflow log copy");
        ends.push_back(
            boost::asio::co_spawn(threads.at(0), std::move(claim), boost::asio::use_future).get()
        );
    }
    return ends;
}

opened_log open_source(infra::io_threads& threads, const app_settings& settings) {
    auto& context = threads.at(0);
    auto opening = open_log(context.get_executor(), settings);
    return boost::asio::co_spawn(context, std::move(opening), boost::asio::use_future).get();
}

void refuse_filled_topic(const infra::kafka::settings& how, std::int32_t partitions) {
    infra::kafka::catch_up topic(how);
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        if (topic.end(partition) >= 0) {
            throw std::runtime_error(fmt::format(
                "the kafka topic {} holds records already: a log is copied into an empty one",
                how.topic
            ));
        }
    }
}

/// `rows` are partition and last offset, in order of partitions.
void refuse_growth(const infra::postgres::result& rows, const std::vector<events::offset>& ends) {
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (rows.get<events::offset>(i, 1) != ends[i]) {
            throw std::runtime_error("the log grew while it was copied: stop all programs first");
        }
    }
}

/// Both kinds of log share log_records; only the places of writers and archivers change.
void switch_to_kafka(infra::postgres::session& database, const std::vector<events::offset>& ends) {
    database.execute("begin");
    const auto grown = database.query(
        "select partition, next_offset - 1 from"
        " teamflow.log_partitions order by partition for update"
    );
    refuse_growth(grown, ends);
    database.execute(
        R"(insert into teamflow.archive_checkpoints
                  (partition, "offset", epoch_offset, epoch_writer, next_sequence)
           select partition, next_offset - 1, epoch_offset, epoch_writer, next_sequence
             from teamflow.log_partitions
               on conflict (partition) do update set "offset" = excluded."offset",
                  epoch_offset = excluded.epoch_offset, epoch_writer = excluded.epoch_writer,
                  next_sequence = excluded.next_sequence;
           delete from teamflow.log_partitions;
           update teamflow.log_info set backend = 'kafka')"
    );
    database.execute("commit");
}

void switch_to_postgres(
    infra::postgres::session& database, const std::vector<events::offset>& ends
) {
    database.execute("begin");
    const auto archived = database.query(
        "select partition, \"offset\" from"
        " teamflow.archive_checkpoints order by partition"
        " for update"
    );
    refuse_growth(archived, ends);
    database.execute(
        R"(insert into teamflow.log_partitions
                  (partition, next_offset, epoch_offset, epoch_writer, next_sequence)
           select partition, "offset" + 1, epoch_offset, epoch_writer, next_sequence
             from teamflow.archive_checkpoints
               on conflict (partition) do update set next_offset = excluded.next_offset,
                  epoch_offset = excluded.epoch_offset, epoch_writer = excluded.epoch_writer,
                  next_sequence = excluded.next_sequence;
           delete from teamflow.archive_checkpoints;
           update teamflow.log_info set backend = 'postgres')"
    );
    database.execute("commit");
}

std::int64_t records_up_to(const std::vector<events::offset>& ends) {
    std::int64_t sum = 0;
    for (const auto end : ends) {
        sum += end + 1;
    }
    return sum;
}

std::int64_t copy_to_kafka(
    infra::postgres::session& database, const app_settings& settings, const recorded_log& source
) {
    const auto how = kafka_settings(settings);
    infra::kafka::topic_plan plan;
    plan.partitions = source.partitions;
    plan.replicas = settings.replicas;
    plan.flush_each_record = settings.kafka_flush;
    infra::kafka::create_topic(how, plan);
    infra::kafka::check_topic(how, infra::kafka::describe_topic(how), source.partitions);
    refuse_filled_topic(how, source.partitions);
    std::vector<events::offset> ends;
    {
        infra::io_threads threads(1);
        threads.start();
        auto from = settings;
        from.log = log_backend::postgres;
        const auto opened = open_source(threads, from);
        ends = close_history(threads, *opened.log);
        opened.log->stop();
        threads.stop();
    }
    {
        archive_sender sender(
            database, how, source, "The old log is as it was: delete the topic and try again"
        );
        for (events::partition_id partition = 0; partition < source.partitions; ++partition) {
            const auto end = ends[static_cast<std::size_t>(partition)];
            std::cerr << fmt::format(
                "partition {} of {}: {} records\n", partition + 1, source.partitions, end + 1
            );
            sender.send(partition, -1, end);
        }
    }
    switch_to_kafka(database, ends);
    return records_up_to(ends);
}

/// Waits until the archive holds everything up to the ends.
void fill_archive(infra::kafka_log& log, const std::vector<events::offset>& ends) {
    const auto deadline = std::chrono::steady_clock::now() + archive_patience;
    const auto is_filled = [&] {
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (log.archived(static_cast<events::partition_id>(i)) < ends[i]) {
                return false;
            }
        }
        return true;
    };
    while (!is_filled()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the archive did not reach the log's end in time; try again");
        }
        std::this_thread::sleep_for(10ms);
    }
}

std::int64_t copy_to_postgres(infra::postgres::session& database, const app_settings& settings) {
    infra::io_threads threads(1);
    threads.start();
    auto from = settings;
    from.log = log_backend::kafka;
    const auto opened = open_source(threads, from);
    const auto ends = close_history(threads, *opened.log);
    auto filling = infra::archiver::make(
        threads.at(0).get_executor(), opened.kafka, settings.postgres_url, {}
    );
    auto ended = boost::asio::co_spawn(
        threads.at(0), infra::archiver::run(filling), boost::asio::use_future
    );
    fill_archive(*opened.kafka, ends);
    filling->stop();
    ended.get();
    opened.log->stop();
    threads.stop();
    switch_to_postgres(database, ends);
    return records_up_to(ends);
}

}  // namespace

int run_log_copy(
    const app_settings& settings, const std::optional<log_backend>& from, log_backend to
) {
    if (settings.brokers.empty()) {
        std::cerr << "teamflow: one of the two logs is on kafka: it needs --brokers HOST:PORT,…\n";
        return 2;
    }
    const offline_database place(settings);
    auto where = settings;
    where.postgres_url = place.url();
    infra::postgres::session database(where.postgres_url);
    const auto source = read_recorded_log(database);
    if (source.backend == to || from.value_or(source.backend) != source.backend) {
        throw std::runtime_error("the log is on " + name_of(source.backend));
    }
    refuse_running_programs(database);
    const auto copied = to == log_backend::kafka ? copy_to_kafka(database, where, source)
                                                 : copy_to_postgres(database, where);
    std::cout << fmt::format("copied {} records of {} partitions\n", copied, source.partitions);
    return 0;
}

}  // namespace teamflow::app
