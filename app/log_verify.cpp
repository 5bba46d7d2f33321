#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/log_verification.hpp"
#include "app/open_log.hpp"
#include "events/json/write.hpp"
#include "infra/crypto/hmac.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t threads_max = 8;

/// Tells now and then how far the threads are, until all of them have ended. Throws what they do.
void await_all(log_verification& work, std::vector<std::future<void>>& threads) {
    std::int64_t all = 0;
    for (const auto& end : work.ends) {
        all += end.at + 1;
    }
    const auto begin = std::chrono::steady_clock::now();
    const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
    const std::chrono::milliseconds interval = is_terminal ? 500ms : 10s;
    for (auto& thread : threads) {
        while (thread.wait_for(interval) == std::future_status::timeout) {
            const std::chrono::duration<double> past = std::chrono::steady_clock::now() - begin;
            const auto done = work.records.load();
            std::cerr << fmt::format(
                             "{}{} of {} records, {:.0f}/s{}",
                             is_terminal ? "\r" : "",
                             done,
                             all,
                             static_cast<double>(done) / past.count(),
                             is_terminal ? "  " : "\n"
                         )
                      << std::flush;
        }
    }
    if (is_terminal) {
        std::cerr << '\n';
    }
    for (auto& thread : threads) {
        thread.get();
    }
}

void run_threads(log_verification& work) {
    std::vector<std::future<void>> threads;
    const auto start = [&](void (*what)(log_verification&)) {
        threads.push_back(std::async(std::launch::async, [&work, what] {
            try {
                what(work);
            } catch (...) {
                work.failed = true;
                throw;
            }
        }));
    };
    start(check_streams);
    const auto count = std::min({
        threads_max,
        static_cast<std::size_t>(std::max(1U, std::thread::hardware_concurrency())),
        static_cast<std::size_t>(work.log.partitions),
    });
    for (std::size_t i = 0; i < count; ++i) {
        start(check_partitions);
    }
    await_all(work, threads);
}

std::int64_t write_anchors(infra::postgres::session& database, const log_verification& work) {
    std::int64_t written = 0;
    database.execute("begin");
    for (std::size_t i = 0; i < work.anchors.size(); ++i) {
        const auto& anchor = work.anchors[i];
        if (anchor.at < 0) {
            continue;
        }
        const auto done = database.query(
            "insert into teamflow.log_anchors (log_id, partition, \"offset\", events, hash,"
            " made_at) values ($1, $2, $3, $4, decode($5, 'hex'), $6) on conflict do nothing",
            {events::to_string(work.log.id),
             std::to_string(i),
             std::to_string(anchor.at),
             std::to_string(anchor.events),
             infra::to_hex(std::string(anchor.head.begin(), anchor.head.end())),
             events::to_string(anchor.made_at)}
        );
        written += static_cast<std::int64_t>(done.affected());
    }
    database.execute("commit");
    return written;
}

void print_table(const verification& found) {
    std::cout << fmt::format(
        "log {}: {} records in {} partitions{}\n",
        events::to_string(found.log_id),
        found.records,
        found.partitions.size(),
        found.compared_with_topic ? ", compared with the topic" : ""
    );
    std::cout << fmt::format(
        "{:>9} {:>10} {:>10} {:>7} {:>7} {:>10} {:>8}  {}\n",
        "partition",
        "end",
        "events",
        "claims",
        "ghosts",
        "incomplete",
        "anchors",
        "hash"
    );
    for (const auto& each : found.partitions) {
        std::cout << fmt::format(
            "{:>9} {:>10} {:>10} {:>7} {:>7} {:>10} {:>8}  {}\n",
            each.partition,
            each.end,
            each.events,
            each.claims,
            each.ghosts,
            each.incomplete,
            each.anchors_checked,
            each.hash
        );
    }
    for (const auto& fault : found.faults) {
        std::cout << fmt::format(
            "FAULT {}@{} {}\n", fault.partition, fault.offset.value_or(-1), fault.what
        );
    }
    std::cout << fmt::format(
        "{} faults, {} anchors written\n", found.fault_count, found.anchors_written
    );
}

}  // namespace

int run_log_verify(const app_settings& settings, const log_verify_arguments& what) {
    log_verification work;
    work.url = database_of(settings);
    infra::postgres::session database(work.url);
    work.log = read_recorded_log(database);
    work.ends = read_ends(database, work.log);
    if (work.log.backend == log_backend::kafka && !settings.brokers.empty()) {
        work.topic = kafka_settings(settings);
    }
    work.anchors.resize(work.ends.size());
    work.found.partitions.resize(work.ends.size());
    work.found.log_id = work.log.id;
    work.found.compared_with_topic = work.topic.has_value();
    const auto begin = std::chrono::steady_clock::now();
    run_threads(work);
    auto& found = work.found;
    found.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::steady_clock::now() - begin
    )
                             .count();
    found.ok = found.fault_count == 0;
    std::ranges::sort(found.faults, {}, [](const told_fault& each) {
        return std::tuple(each.partition, each.offset);
    });
    if (found.ok && what.anchor) {
        found.anchors_written = write_anchors(database, work);
    }
    if (what.as_json) {
        std::cout << events::json::to_json(found) << '\n';
    } else {
        print_table(found);
    }
    return found.ok ? 0 : 1;
}

}  // namespace teamflow::app
