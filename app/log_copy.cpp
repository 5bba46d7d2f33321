#include <algorithm>
#include <future>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/use_future.hpp>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/open_log.hpp"
#include "infra/crypto/random.hpp"
#include "infra/io_threads.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/log/record_rows.hpp"
#include "infra/postgres/migrations.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr std::int32_t records_at_once = 2000;
constexpr std::size_t bytes_at_once = std::size_t{8} << 20U;
constexpr auto archive_patience = 10min;

/// What a copy starts from.
struct source_log {
    events::uuid id{};
    log_backend backend = log_backend::postgres;
    std::int32_t partitions = 0;
};

source_log read_source(infra::postgres::session& database) {
    const auto row = database.query("select log_id, backend, partitions from teamflow.log_info");
    if (row.empty()) {
        throw std::runtime_error("this database holds no log: there is nothing to copy");
    }
    return {
        .id = row.get<events::uuid>(0, 0),
        .backend =
            row.get<std::string>(0, 1) == "kafka" ? log_backend::kafka : log_backend::postgres,
        .partitions = row.get<std::int32_t>(0, 2)
    };
}

/// Writers, archivers and projectors tell their names to PostgreSQL.
void refuse_running_programs(infra::postgres::session& database) {
    const auto others = database.query(
        "select count(*), string_agg(distinct application_name, ', ') from pg_stat_activity"
        " where datname = current_database() and application_name like 'teamflow%'"
        " and pid <> pg_backend_pid()"
    );
    if (others.get<std::int64_t>(0, 0) > 0) {
        throw std::runtime_error(fmt::format(
            "programs work on this database ({}): stop all of them first",
            others.get<std::string>(0, 1)
        ));
    }
}

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

/// Reads one partition of the archive and sends it, a batch at a time.
void send_partition(
    infra::postgres::session& database,
    infra::kafka::producer& to,
    events::partition_id partition,
    events::offset end
) {
    static const std::string sql = fmt::format(
        R"(select {} from teamflow.log_records where partition = $1 and "offset" > $2)"
        R"( and "offset" <= $3 order by "offset" limit {})",
        infra::record_columns,
        records_at_once
    );
    events::offset sent = -1;
    while (sent < end) {
        const auto rows = database.query(
            sql, {std::to_string(partition), std::to_string(sent), std::to_string(end)}
        );
        std::vector<std::shared_ptr<events::record>> batch;
        std::size_t bytes = 0;
        for (std::size_t row = 0; row < rows.rows() && bytes < bytes_at_once; ++row) {
            batch.push_back(std::make_shared<events::record>(*infra::read_record(rows, row)));
            bytes += infra::kafka::message_bytes(*batch.back());
        }
        if (batch.empty() || batch.front()->at != sent + 1) {
            throw events::log_gap(partition, sent + 1, batch.empty() ? -1 : batch.front()->at);
        }
        sent = batch.back()->at;
        const auto told = std::make_shared<std::promise<infra::append_outcome>>();
        to.send(partition, std::move(batch), [told](infra::append_outcome outcome) {
            told->set_value(outcome);
        });
        const auto outcome = told->get_future().get();
        if (outcome.status != infra::append_status::durable ||
            outcome.last.value_or(sent) != sent) {
            throw std::runtime_error(fmt::format(
                "kafka did not take partition {} up to offset {}; the old log is as it was. "
                "Delete the topic and try again",
                partition,
                sent
            ));
        }
    }
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
    infra::postgres::session& database, const app_settings& settings, const source_log& source
) {
    const auto how = kafka_settings(settings);
    infra::kafka::topic_plan plan;
    plan.partitions = source.partitions;
    plan.flush_single_replica = settings.kafka_flush;
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
    const auto name = "/teamflow/" + events::to_string(source.id);
    const auto to = infra::kafka::producer::start(how, source.partitions, name, {});
    for (events::partition_id partition = 0; partition < source.partitions; ++partition) {
        const auto end = ends[static_cast<std::size_t>(partition)];
        std::cerr << fmt::format(
            "partition {} of {}: {} records\n", partition + 1, source.partitions, end + 1
        );
        send_partition(database, *to, partition, end);
    }
    to->begin_stop(how.message_timeout);
    to->await_stop();
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
    const auto source = read_source(database);
    if (source.backend == to || from.value_or(source.backend) != source.backend) {
        throw std::runtime_error(fmt::format(
            "the log is on {}", source.backend == log_backend::kafka ? "kafka" : "postgres"
        ));
    }
    refuse_running_programs(database);
    const auto copied = to == log_backend::kafka ? copy_to_kafka(database, where, source)
                                                 : copy_to_postgres(database, where);
    std::cout << fmt::format("copied {} records of {} partitions\n", copied, source.partitions);
    return 0;
}

}  // namespace teamflow::app
