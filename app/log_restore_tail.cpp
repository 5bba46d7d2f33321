#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/offline_log.hpp"
#include "app/open_log.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/kafka/truncation.hpp"
#include "infra/log/record_rows.hpp"

namespace teamflow::app {

namespace {

constexpr std::chrono::milliseconds ask_again_after{250};

/// Last offset of each partition, from 0 on.
using ends = std::vector<events::offset>;

ends read_archived_ends(infra::postgres::session& database, std::int32_t partitions) {
    const auto rows = database.query(
        "select partition, \"offset\" from teamflow.archive_checkpoints order by partition"
    );
    ends archived(static_cast<std::size_t>(partitions), -1);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto partition = rows.get<events::partition_id>(row, 0);
        archived.at(static_cast<std::size_t>(partition)) = rows.get<events::offset>(row, 1);
    }
    return archived;
}

/// In at least one partition.
bool is_shorter(const ends& topic, const ends& archived) {
    return !std::ranges::equal(topic, archived, std::greater_equal<>());
}

/// A partition that has just got another leader may end earlier for a moment than it does, and what
/// a killed run had sent may still arrive: only an end that stands still is believed.
ends wait_for_still_ends(
    infra::kafka::catch_up& topic, const ends& archived, std::chrono::milliseconds wait
) {
    const auto partitions = static_cast<std::int32_t>(archived.size());
    auto seen = topic.ends(partitions);
    if (is_shorter(seen, archived) && wait.count() > 0) {
        std::cerr << fmt::format(
            "the topic ends before its archive; watching it for {} s before it is written to\n",
            std::chrono::duration_cast<std::chrono::seconds>(wait).count()
        );
    }
    auto since = std::chrono::steady_clock::now();
    while (is_shorter(seen, archived) && std::chrono::steady_clock::now() - since < wait) {
        std::this_thread::sleep_for(ask_again_after);
        // A new client asks any broker who leads, not the leader that it knows.
        topic.close();
        if (auto again = topic.ends(partitions); again != seen) {
            seen = std::move(again);
            since = std::chrono::steady_clock::now();
        }
    }
    return seen;
}

/// At most one of each partition.
std::vector<events::record_ptr> read_archived(
    infra::postgres::session& database, const std::vector<events::position>& wanted
) {
    static const std::string sql = fmt::format(
        R"(select {} from unnest($1::integer[], $2::bigint[]) as wanted (partition, "offset"))"
        R"( join teamflow.log_records using (partition, "offset"))",
        infra::record_columns
    );
    std::vector<events::partition_id> partitions;
    std::vector<events::offset> offsets;
    partitions.reserve(wanted.size());
    offsets.reserve(wanted.size());
    for (const auto& [partition, at] : wanted) {
        partitions.push_back(partition);
        offsets.push_back(at);
    }
    auto found = infra::read_records(database.query(
        sql,
        {fmt::format("{{{}}}", fmt::join(partitions, ",")),
         fmt::format("{{{}}}", fmt::join(offsets, ","))}
    ));
    if (found.size() < wanted.size()) {
        throw std::runtime_error(fmt::format(
            "of {} records below the archive's end, the archive has {}: restore the database first",
            wanted.size(),
            found.size()
        ));
    }
    return found;
}

/// For a message; empty when the topic has these records as the archive has them.
std::string differences_of(
    infra::postgres::session& database,
    infra::kafka::catch_up& topic,
    const std::vector<events::position>& at
) {
    if (at.empty()) {
        return {};
    }
    std::vector<std::string> texts;
    for (auto& each : infra::kafka::find_differences(topic, read_archived(database, at))) {
        texts.push_back(std::move(each.what));
    }
    return fmt::format("{}", fmt::join(texts, "; "));
}

/// The last records that both have must be the same, or this is not the topic of this log.
void refuse_other_topic(
    infra::postgres::session& database,
    infra::kafka::catch_up& topic,
    const ends& in_topic,
    const ends& archived
) {
    std::vector<events::position> common;
    for (std::size_t i = 0; i < archived.size(); ++i) {
        const auto at = std::min(in_topic[i], archived[i]);
        if (at >= 0) {
            common.push_back({.partition = static_cast<events::partition_id>(i), .at = at});
        }
    }
    if (const auto found = differences_of(database, topic, common); !found.empty()) {
        throw std::runtime_error(fmt::format("{}. Nothing was changed", found));
    }
}

/// Ends where the archive ends, with the same record.
void check_restored(
    infra::postgres::session& database, infra::kafka::catch_up& topic, events::position last
) {
    const auto end = topic.end(last.partition);
    if (end != last.at || !differences_of(database, topic, {last}).empty()) {
        throw std::runtime_error(fmt::format(
            "partition {} ends at offset {} and the archive at {}, or with another record: "
            "something else writes to the topic",
            last.partition,
            end,
            last.at
        ));
    }
}

/// Returns how many records went out.
std::int64_t restore(
    infra::postgres::session& database,
    const infra::kafka::settings& how,
    const recorded_log& log,
    const ends& archived,
    std::chrono::milliseconds wait
) {
    infra::kafka::catch_up topic(how);
    const auto in_topic = wait_for_still_ends(topic, archived, wait);
    refuse_other_topic(database, topic, in_topic, archived);
    if (!is_shorter(in_topic, archived)) {
        return 0;
    }
    archive_sender sender(
        database, how, log, "Try again: a second run goes on where the topic ends"
    );
    std::int64_t restored = 0;
    for (events::partition_id partition = 0; partition < log.partitions; ++partition) {
        const auto after = in_topic[static_cast<std::size_t>(partition)];
        const auto last = archived[static_cast<std::size_t>(partition)];
        if (after >= last) {
            continue;
        }
        std::cerr << fmt::format("partition {}: sending {} records\n", partition, last - after);
        sender.send(partition, after, last);
        check_restored(database, topic, {.partition = partition, .at = last});
        std::cout << fmt::format(
                         "partition {}: restored offsets {} to {}\n", partition, after + 1, last
                     )
                  << std::flush;
        restored += last - after;
    }
    return restored;
}

}  // namespace

int run_log_restore_tail(const app_settings& settings, std::optional<std::int32_t> wait) {
    if (settings.brokers.empty()) {
        std::cerr << "teamflow: the topic is on kafka: it needs --brokers HOST:PORT,…\n";
        return 2;
    }
    const offline_database place(settings);
    infra::postgres::session database(place.url());
    const auto log = read_recorded_log(database);
    if (log.backend != log_backend::kafka) {
        throw std::runtime_error("the log is on postgres: it has no topic, and is its own archive");
    }
    refuse_running_programs(database);
    const auto how = kafka_settings(settings);
    infra::kafka::checked_topic(how, log.partitions);
    const auto archived = read_archived_ends(database, log.partitions);
    const std::chrono::milliseconds patience =
        wait ? std::chrono::seconds(*wait) : how.truncation_patience;
    const auto restored = restore(database, how, log, archived, patience);
    if (restored == 0) {
        std::cout << "nothing to restore: the topic has all that the archive has\n";
    } else {
        std::cout << fmt::format("restored {} records\n", restored);
    }
    return 0;
}

}  // namespace teamflow::app
