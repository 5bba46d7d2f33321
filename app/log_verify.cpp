#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <boost/describe/class.hpp>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "app/offline_log.hpp"
#include "app/open_log.hpp"
#include "events/json/write.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/hmac.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/log_check.hpp"
#include "infra/log/record_rows.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

/// Some 2 MB of usual events. What a thread holds is two such pages at most.
constexpr std::int32_t page_records = 2000;
constexpr std::size_t topic_bytes = std::size_t{4} << 20U;
constexpr std::size_t threads_max = 8;

struct told_fault {
    events::partition_id partition = 0;
    std::optional<events::offset> offset;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(told_fault, (), (partition, offset, what))

struct told_partition {
    events::partition_id partition = 0;
    events::offset end = -1;
    std::int64_t events = 0;
    std::int64_t claims = 0;
    std::int64_t ghosts = 0;
    std::int64_t incomplete = 0;
    std::int64_t anchors_checked = 0;
    /// The chain's head after the last whole commit, in hexadecimal.
    std::string hash;
};
BOOST_DESCRIBE_STRUCT(
    told_partition,
    (),
    (partition, end, events, claims, ghosts, incomplete, anchors_checked, hash)
)

struct verification {
    events::uuid log_id{};
    bool ok = false;
    std::int64_t records = 0;
    std::int64_t milliseconds = 0;
    bool compared_with_topic = false;
    std::int64_t anchors_written = 0;
    std::vector<told_partition> partitions;
    std::int64_t fault_count = 0;
    /// The first ones.
    std::vector<told_fault> faults;
};
BOOST_DESCRIBE_STRUCT(
    verification,
    (),
    (log_id,
     ok,
     records,
     milliseconds,
     compared_with_topic,
     anchors_written,
     partitions,
     fault_count,
     faults)
)

/// Where the log says that the folds of its partitions stand.
std::vector<events::checkpoint> read_ends(
    infra::postgres::session& database, const recorded_log& log
) {
    const auto rows = database.query(
        log.backend == log_backend::kafka
            ? "select partition, \"offset\", epoch_offset, epoch_writer, next_sequence"
              " from teamflow.archive_checkpoints"
            : "select partition, next_offset - 1, epoch_offset, epoch_writer, next_sequence"
              " from teamflow.log_partitions"
    );
    std::vector<events::checkpoint> ends(static_cast<std::size_t>(log.partitions));
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        auto& end = ends.at(static_cast<std::size_t>(rows.get<events::partition_id>(row, 0)));
        end.at = rows.get<events::offset>(row, 1);
        end.reign.claimed_at = rows.get<events::offset>(row, 2);
        end.reign.writer = rows.get<events::writer_id>(row, 3);
        end.next_sequence = rows.get<std::int64_t>(row, 4);
    }
    return ends;
}

std::deque<infra::log_anchor> read_anchors(
    infra::postgres::session& database, const recorded_log& log, events::partition_id partition
) {
    const auto rows = database.query(
        "select \"offset\", events, hash, made_at from teamflow.log_anchors"
        " where log_id = $1 and partition = $2 order by \"offset\"",
        {events::to_string(log.id), std::to_string(partition)}
    );
    std::deque<infra::log_anchor> anchors;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        infra::log_anchor anchor{
            .at = rows.get<events::offset>(row, 0),
            .events = rows.get<std::int64_t>(row, 1),
            .made_at = rows.get<events::timestamp>(row, 3)
        };
        const auto bytes = rows.get<infra::postgres::bytea>(row, 2).bytes;
        std::ranges::copy(bytes, anchor.head.begin());
        anchors.push_back(anchor);
    }
    return anchors;
}

/// The records of one partition that a topic holds, in step with the archive.
class topic_twin {
public:
    explicit topic_twin(const infra::kafka::settings& how) : topic_(how) {}

    /// Compares all that a topic keeps of these records, which lie one behind the other.
    void compare(infra::partition_check& check, const std::vector<events::record_ptr>& archived) {
        std::size_t at = 0;
        while (at < archived.size()) {
            const auto& first = *archived[at];
            std::vector<events::record_ptr> page;
            try {
                page = topic_.read(first.partition, first.at, archived.size() - at, topic_bytes);
            } catch (const infra::log_truncated&) {
                // Told of below as what it is: a record that is not there.
            }
            if (page.empty()) {
                check.add_fault(first.at, "is archived, but the topic ends or begins elsewhere");
                return;
            }
            for (const auto& sent : page) {
                compare(check, *archived[at++], *sent);
            }
        }
    }

private:
    static void compare(
        infra::partition_check& check, const events::record& archived, const events::record& sent
    ) {
        // The archive keeps no more of a foreign message than its place.
        if (sent.kind == events::record_kind::ghost) {
            return;
        }
        std::string left;
        std::string right;
        infra::append_canonical(left, archived);
        infra::append_canonical(right, sent);
        if (archived.reign != sent.reign || archived.sequence != sent.sequence || left != right) {
            check.add_fault(archived.at, "is another record in the topic");
        }
    }

    infra::kafka::catch_up topic_;
};

/// All that threads share.
struct shared_work {
    std::string url;
    recorded_log log;
    std::vector<events::checkpoint> ends;
    /// Of a log whose topic is compared, too.
    std::optional<infra::kafka::settings> topic;
    std::atomic<events::partition_id> next_partition = 0;
    std::atomic<std::int64_t> records = 0;
    /// A thread failed, so that the others need not go on.
    std::atomic<bool> failed = false;
    std::mutex results;
    verification found;
    std::vector<infra::log_anchor> anchors;
};

void read_partition(
    infra::postgres::session& database,
    shared_work& work,
    events::partition_id partition,
    infra::partition_check& check
) {
    static const std::string sql = fmt::format(
        R"(select {} from teamflow.log_records where partition = $1 and "offset" > $2)"
        R"( and "offset" <= $3 order by "offset" limit {})",
        infra::record_columns,
        page_records
    );
    const auto& end = work.ends.at(static_cast<std::size_t>(partition));
    std::optional<topic_twin> topic;
    if (work.topic) {
        topic.emplace(*work.topic);
    }
    events::offset reached = -1;
    while (reached < end.at && !work.failed) {
        const auto page = infra::read_records(database.query(
            sql, {std::to_string(partition), std::to_string(reached), std::to_string(end.at)}
        ));
        if (page.empty()) {
            break;
        }
        for (const auto& record : page) {
            if (!check.take(record)) {
                return;
            }
        }
        if (topic) {
            topic->compare(check, page);
        }
        reached = page.back()->at;
        work.records += static_cast<std::int64_t>(page.size());
    }
    check.end(end);
}

/// Records behind the end: nobody appended or archived them.
void find_strays(
    infra::postgres::session& database,
    const shared_work& work,
    events::partition_id partition,
    infra::partition_check& check
) {
    // The end is read again, together with what lies behind it: writers may be at work.
    const auto rows = database.query(
        work.log.backend == log_backend::kafka
            ? "select r.\"offset\" from teamflow.log_records r"
              " join teamflow.archive_checkpoints p using (partition)"
              " where r.partition = $1 and r.\"offset\" > p.\"offset\" order by 1 limit 20"
            : "select r.\"offset\" from teamflow.log_records r"
              " join teamflow.log_partitions p using (partition)"
              " where r.partition = $1 and r.\"offset\" >= p.next_offset order by 1 limit 20",
        {std::to_string(partition)}
    );
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        check.add_fault(rows.get<events::offset>(row, 0), "lies behind the end of the log");
    }
}

void add_result(shared_work& work, events::partition_id partition, infra::partition_check& check) {
    const std::lock_guard lock(work.results);
    const auto& counts = check.counts();
    const auto anchor = check.anchor(infra::system_clock().now());
    work.anchors.at(static_cast<std::size_t>(partition)) = anchor;
    work.found.records += counts.all();
    work.found.fault_count += check.fault_count();
    work.found.partitions.at(static_cast<std::size_t>(partition)) = {
        .partition = partition,
        .end = work.ends.at(static_cast<std::size_t>(partition)).at,
        .events = counts.events,
        .claims = counts.claims,
        .ghosts = counts.ghosts,
        .incomplete = counts.incomplete,
        .anchors_checked = check.anchors_checked(),
        .hash = infra::to_hex(std::string(anchor.head.begin(), anchor.head.end()))
    };
    for (const auto& fault : check.faults()) {
        work.found.faults.push_back({partition, fault.at, fault.what});
    }
}

/// Takes one partition after the other until none is left.
void check_partitions(shared_work& work) {
    infra::postgres::session database(work.url);
    while (!work.failed) {
        const auto partition = work.next_partition++;
        if (partition >= work.log.partitions) {
            return;
        }
        infra::partition_check check(
            work.log.id, partition, work.log.partitions, read_anchors(database, work.log, partition)
        );
        read_partition(database, work, partition, check);
        find_strays(database, work, partition, check);
        add_result(work, partition, check);
    }
}

/// What concerns events far apart is the database's to find, in its own memory and on its disk.
void check_streams(shared_work& work) {
    infra::postgres::session database(work.url);
    const auto versions = database.query(
        "select partition, \"offset\", stream, stream_version, due from (select partition,"
        " \"offset\", stream, stream_version, row_number() over versions as due,"
        " lag(\"offset\") over versions as before from teamflow.log_records where kind = 1"
        " window versions as (partition by organization, stream order by stream_version)) as one"
        " where stream_version <> due or \"offset\" < before"
        " order by partition, \"offset\" limit 20"
    );
    const auto twice = database.query(
        "select r.partition, r.\"offset\", r.event_id from teamflow.log_records r where r.kind = 1"
        " and r.event_id in (select event_id from teamflow.log_records where kind = 1"
        " group by event_id having count(*) > 1 limit 20) order by 1, 2"
    );
    const std::lock_guard lock(work.results);
    const auto add = [&](const infra::postgres::result& rows, std::size_t row, std::string what) {
        ++work.found.fault_count;
        work.found.faults.push_back(
            {rows.get<events::partition_id>(row, 0),
             rows.get<events::offset>(row, 1),
             std::move(what)}
        );
    };
    for (std::size_t row = 0; row < versions.rows(); ++row) {
        add(versions,
            row,
            fmt::format(
                "has version {} of {}, where {} is due",
                versions.get<std::int64_t>(row, 3),
                versions.get<std::string>(row, 2),
                versions.get<std::int64_t>(row, 4)
            ));
    }
    for (std::size_t row = 0; row < twice.rows(); ++row) {
        add(twice,
            row,
            fmt::format(
                "has the id {} of another event, too",
                events::to_string(twice.get<events::uuid>(row, 2))
            ));
    }
}

/// Tells now and then how far the threads are, until all of them have ended. Throws what they do.
void await_all(shared_work& work, std::vector<std::future<void>>& threads) {
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
            ) << std::flush;
        }
    }
    if (is_terminal) {
        std::cerr << '\n';
    }
    for (auto& thread : threads) {
        thread.get();
    }
}

void run_threads(shared_work& work) {
    std::vector<std::future<void>> threads;
    const auto start = [&](void (*what)(shared_work&)) {
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

std::int64_t write_anchors(infra::postgres::session& database, const shared_work& work) {
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
    shared_work work;
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
