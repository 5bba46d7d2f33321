#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include <boost/asio/use_future.hpp>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/offline_log.hpp"
#include "app/open_log.hpp"
#include "infra/crypto/random.hpp"
#include "infra/failpoint.hpp"
#include "infra/io_threads.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/log/repartition.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto archive_patience = 10min;
constexpr auto claimant = "teamflow log copy";

/// Takes every partition away from whoever may still think it owns it, and closes open commits:
/// behind the claims that this appends, the history ends.
std::vector<events::offset> close_history(infra::io_threads& threads, infra::event_log& log) {
    infra::system_random random;
    std::vector<events::offset> ends;
    for (events::partition_id partition = 0; partition < log.partitions(); ++partition) {
        events::writer_id writer;
        random.fill(writer.value.data);
        auto claim = log.claim(partition, writer, claimant);
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

/// Ends the history of the log and returns where: from then on log_records holds all of it.
std::vector<events::offset> end_history(app_settings settings, const recorded_log& source) {
    settings.log = source.backend;
    infra::io_threads threads(1);
    threads.start();
    const auto opened = open_source(threads, settings);
    const auto ends = close_history(threads, *opened.log);
    // It ends after the threads: what it still has under way there is its own.
    std::shared_ptr<infra::archiver> filling;
    if (opened.kafka) {
        filling = infra::archiver::make(
            threads.at(0).get_executor(), opened.kafka, settings.postgres_url, {}
        );
        auto ended = boost::asio::co_spawn(
            threads.at(0), infra::archiver::run(filling), boost::asio::use_future
        );
        fill_archive(*opened.kafka, ends);
        filling->stop();
        ended.get();
    }
    opened.log->stop();
    threads.stop();
    return ends;
}

/// Nobody appends to the log on PostgreSQL, and nobody archives, until the transaction ends.
void hold_ends(
    infra::postgres::session& database,
    const recorded_log& source,
    const std::vector<events::offset>& ends
) {
    const auto rows = database.query(
        source.backend == log_backend::postgres
            ? "select next_offset - 1 from teamflow.log_partitions order by partition for update"
            : "select \"offset\" from teamflow.archive_checkpoints order by partition for update"
    );
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (rows.get<events::offset>(i, 0) != ends[i]) {
            throw std::runtime_error("the log grew while it was copied: stop all programs first");
        }
    }
}

infra::kafka::settings make_empty_topic(
    const app_settings& settings, const std::string& name, std::int32_t partitions
) {
    auto how = kafka_settings(settings);
    how.topic = name;
    infra::kafka::topic_plan plan;
    plan.partitions = partitions;
    plan.replicas = settings.replicas;
    plan.flush_each_record = settings.kafka_flush;
    infra::kafka::create_topic(how, plan);
    infra::kafka::checked_topic(how, partitions);
    infra::kafka::catch_up topic(how);
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        if (topic.end(partition) >= 0) {
            throw std::runtime_error(fmt::format(
                "the kafka topic {} holds records already: a log is copied into an empty one",
                how.topic
            ));
        }
    }
    return how;
}

/// The topic gets what log_records holds.
void fill_topic(
    infra::postgres::session& database,
    const infra::kafka::settings& how,
    const std::vector<events::offset>& ends
) {
    const auto log = read_recorded_log(database);
    archive_sender sender(
        database,
        how,
        log,
        fmt::format("The old log is as it was: delete the topic {} and try again", how.topic)
    );
    for (events::partition_id partition = 0; partition < log.partitions; ++partition) {
        const auto end = ends[static_cast<std::size_t>(partition)];
        std::cerr << fmt::format(
            "partition {} of {}: {} records\n", partition + 1, log.partitions, end + 1
        );
        sender.send(partition, -1, end);
    }
}

/// Both kinds of log share log_records; only the places of writers and archivers change.
void switch_backend(infra::postgres::session& database, log_backend to) {
    database.execute(
        to == log_backend::kafka ? R"(insert into teamflow.archive_checkpoints
                        (partition, "offset", epoch_offset, epoch_writer, next_sequence)
                 select partition, next_offset - 1, epoch_offset, epoch_writer, next_sequence
                   from teamflow.log_partitions;
                 delete from teamflow.log_partitions;
                 update teamflow.log_info set backend = 'kafka')"
                                 : R"(insert into teamflow.log_partitions
                        (partition, next_offset, epoch_offset, epoch_writer, next_sequence)
                 select partition, "offset" + 1, epoch_offset, epoch_writer, next_sequence
                   from teamflow.archive_checkpoints;
                 delete from teamflow.archive_checkpoints;
                 update teamflow.log_info set backend = 'postgres')"
    );
}

std::int64_t records_up_to(const std::vector<events::offset>& ends) {
    std::int64_t sum = 0;
    for (const auto end : ends) {
        sum += end + 1;
    }
    return sum;
}

/// What the log is to be, with nothing left open.
struct copy_plan {
    log_backend to = log_backend::postgres;
    std::int32_t partitions = 0;
    /// Empty unless `to` is kafka.
    std::string topic;
};

/// Throws std::runtime_error when the log cannot become so, or is so already.
copy_plan plan_copy(
    const app_settings& settings, const log_copy_arguments& what, const recorded_log& source
) {
    if (what.from.value_or(source.backend) != source.backend) {
        throw std::runtime_error("the log is on " + name_of(source.backend));
    }
    copy_plan plan{
        .to = what.to.value_or(source.backend),
        .partitions = what.partitions.value_or(source.partitions),
        .topic = {}
    };
    if (plan.to == source.backend && plan.partitions == source.partitions) {
        throw std::runtime_error(fmt::format(
            "the log is on {} and has {} partitions: nothing is to be copied",
            name_of(source.backend),
            source.partitions
        ));
    }
    if (plan.to == log_backend::kafka) {
        plan.topic = what.to_topic.value_or(settings.topic);
        if (source.backend == log_backend::kafka && plan.topic == settings.topic) {
            throw std::runtime_error(fmt::format(
                "the log is in the topic {}: name another one for the copy, --to-topic NAME",
                settings.topic
            ));
        }
    }
    return plan;
}

/// All in one transaction: whatever fails, the old log is as it was.
std::int64_t copy(
    infra::postgres::session& database,
    const app_settings& settings,
    const recorded_log& source,
    const copy_plan& plan
) {
    std::optional<infra::kafka::settings> topic;
    if (plan.to == log_backend::kafka) {
        topic = make_empty_topic(settings, plan.topic, plan.partitions);
    }
    auto ends = end_history(settings, source);
    database.execute("begin");
    hold_ends(database, source, ends);
    if (plan.partitions != source.partitions) {
        std::cerr << fmt::format(
            "{} records of {} partitions go to {}: they get new offsets\n",
            records_up_to(ends),
            source.partitions,
            plan.partitions
        );
        ends = infra::repartition(database, plan.partitions, claimant);
        infra::failpoint("log_copy.repartitioned");
    }
    if (topic) {
        fill_topic(database, *topic, ends);
    }
    if (plan.to != source.backend) {
        switch_backend(database, plan.to);
    }
    database.execute("commit");
    return records_up_to(ends);
}

}  // namespace

int run_log_copy(const app_settings& settings, const log_copy_arguments& what) {
    if (!what.to && !what.partitions) {
        std::cerr << "teamflow: say what the log is to be: --to LOG, --partitions N, or both\n";
        return 2;
    }
    const auto lacks_brokers = [&](std::optional<log_backend> backend) {
        const bool lacks = backend == log_backend::kafka && settings.brokers.empty();
        if (lacks) {
            std::cerr << "teamflow: a log on kafka takes part: name its --brokers HOST:PORT,…\n";
        }
        return lacks;
    };
    if (lacks_brokers(what.to)) {
        return 2;
    }
    const offline_database place(settings);
    auto where = settings;
    where.postgres_url = place.url();
    infra::postgres::session database(where.postgres_url);
    const auto source = read_recorded_log(database);
    if (lacks_brokers(source.backend)) {
        return 2;
    }
    const auto plan = plan_copy(where, what, source);
    refuse_running_programs(database);
    const auto copied = copy(database, where, source, plan);
    std::cout << fmt::format("copied {} records to {} partitions\n", copied, plan.partitions);
    return 0;
}

}  // namespace teamflow::app
