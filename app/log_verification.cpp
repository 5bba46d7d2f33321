#include "app/log_verification.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "infra/clock.hpp"
#include "infra/crypto/hmac.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/record_rows.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

/// Some 2 MB of usual events. What a thread holds is two such pages at most.
constexpr std::int32_t page_records = 2000;
constexpr std::size_t topic_bytes = std::size_t{4} << 20U;

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

void read_partition(
    infra::postgres::session& database,
    log_verification& work,
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
    const log_verification& work,
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

void add_result(
    log_verification& work, events::partition_id partition, infra::partition_check& check
) {
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

}  // namespace

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

void check_partitions(log_verification& work) {
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
void check_streams(log_verification& work) {
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

}  // namespace teamflow::app
