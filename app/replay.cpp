#include "app/replay.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <map>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "app/database_place.hpp"
#include "app/history_arguments.hpp"
#include "app/offline_log.hpp"
#include "app/replay_into.hpp"
#include "app/replay_output.hpp"
#include "app/replay_reader.hpp"
#include "app/replay_request.hpp"
#include "app/signals.hpp"
#include "infra/postgres/session.hpp"
#include "query/event_csv.hpp"

namespace teamflow::app {

namespace {

constexpr std::chrono::milliseconds follow_pause{100};
constexpr std::chrono::milliseconds patience{100};
constexpr int failed = 1;

using ranges = std::vector<query::history_range>;
using places = std::map<events::partition_id, events::offset>;

places archived_ends(infra::postgres::session& database, const recorded_log& log) {
    const auto rows = database.query(
        log.backend == log_backend::kafka
            ? "select partition, \"offset\" from teamflow.archive_checkpoints"
            : "select partition, next_offset - 1 from teamflow.log_partitions"
    );
    places ends;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        ends[rows.get<events::partition_id>(row, 0)] = rows.get<events::offset>(row, 1);
    }
    return ends;
}

/// First and last offset of each partition with an event in the time that is asked for. Costs a
/// tenth of what reading these events costs, and spares looking through all others.
std::map<events::partition_id, std::pair<events::offset, events::offset>> offsets_in_time(
    infra::postgres::session& database, const query::history_filter& filter
) {
    infra::postgres::params when;
    when.add(filter.from);
    when.add(filter.to);
    const auto rows = database.query(
        "select partition, min(\"offset\"), max(\"offset\") from teamflow.events"
        " where time >= coalesce($1::timestamptz, '-infinity')"
        " and time < coalesce($2::timestamptz, 'infinity')"
        " group by partition",
        when
    );
    std::map<events::partition_id, std::pair<events::offset, events::offset>> found;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        found[rows.get<events::partition_id>(row, 0)] = {
            rows.get<events::offset>(row, 1), rows.get<events::offset>(row, 2)
        };
    }
    return found;
}

/// What is to be read of each partition that can hold what is asked for.
ranges ranges_of(
    infra::postgres::session& database, const replay_request& asked, const recorded_log& log
) {
    ranges found;
    for (const auto& [partition, end] : archived_ends(database, log)) {
        found.push_back({.partition = partition, .after = -1, .until = end});
    }
    std::ranges::sort(found, {}, &query::history_range::partition);
    const auto& filter = asked.filter;
    if (filter.organization) {
        const auto home = events::partition_of(*filter.organization, log.partitions);
        std::erase_if(found, [&](const auto& range) { return range.partition != home; });
    }
    const auto offset_in = [](const auto& list, events::partition_id partition) {
        const auto place = std::ranges::find(list, partition, &events::position::partition);
        return place == list.end() ? events::offset{-1} : place->at;
    };
    for (auto& range : found) {
        range.after = offset_in(asked.after, range.partition);
        if (!asked.until.empty()) {
            range.until = std::min(range.until, offset_in(asked.until, range.partition));
        }
    }
    if (filter.from || filter.to) {
        const auto in_time = offsets_in_time(database, filter);
        for (auto& range : found) {
            const auto of = in_time.find(range.partition);
            if (of != in_time.end()) {
                range.after = std::max(range.after, of->second.first - 1);
            } else {
                range.after = range.until;
            }
        }
    }
    return found;
}

/// Positions of partitions that the log does not have name another log.
std::vector<std::string> faults_of(const replay_request& asked, const recorded_log& log) {
    std::vector<std::string> found;
    if (asked.log_id && *asked.log_id != log.id) {
        found.emplace_back("--resume: the manifest is of another log than this database's");
    }
    for (const auto& [option, list] :
         {std::pair("--after", &asked.after), {"--until", &asked.until}}) {
        for (const auto& place : *list) {
            if (place.partition >= log.partitions) {
                found.push_back(fmt::format(
                    "{}: there is no partition {}: the log has {}, from 0 on",
                    option,
                    place.partition,
                    log.partitions
                ));
            }
        }
    }
    return found;
}

/// One run of the command: what it writes, and what it tells of it at its end.
class replay_run {
public:
    replay_run(
        std::string url,
        const replay_arguments& what,
        replay_request asked,
        infra::postgres::session& database,
        const recorded_log& log
    )
        : url_(std::move(url)),
          what_(what),
          asked_(std::move(asked)),
          database_(database),
          log_(log),
          ranges_(ranges_of(database, asked_, log)),
          output_(what.out, !what.manifest.empty()),
          tally_(ranges_) {}

    /// Whatever happens, it is told where to go on.
    int run() {
        try {
            if (asked_.format == replay_format::csv) {
                output_.write(query::event_csv_header());
            }
            bool goes_on = write(ranges_);
            is_complete_ = goes_on;
            while (what_.follow && goes_on) {
                const auto more = grown();
                if (more.empty()) {
                    std::this_thread::sleep_for(follow_pause);
                }
                goes_on = more.empty() ? !interruption::is_asked() : write(more);
            }
            output_.finish();
        } catch (const std::exception&) {
            tell();
            throw;
        }
        tell();
        if (!what_.manifest.empty()) {
            save(manifest(), what_.manifest);
        }
        return is_complete_ ? 0 : failed;
    }

private:
    /// False when it was asked to end before all was written.
    bool write(const ranges& these) {
        replay_progress progress(what_.progress, these);
        replay_reader reader(url_, asked_.filter, asked_.format, these);
        while (!reader.has_ended()) {
            if (interruption::is_asked()) {
                return false;
            }
            const auto block = reader.next(patience);
            if (!block) {
                continue;
            }
            if (!output_.write(block->text)) {
                return false;
            }
            tally_.add(*block);
            progress.tell(tally_);
        }
        return true;
    }

    /// What came behind what is written.
    ranges grown() {
        const auto ends = archived_ends(database_, log_);
        ranges more;
        for (const auto& [partition, at] : tally_.reached()) {
            const auto end = ends.find(partition);
            if (end != ends.end() && end->second > at) {
                more.push_back({.partition = partition, .after = at, .until = end->second});
            }
        }
        return more;
    }

    void tell() const {
        std::cerr << fmt::format(
            "teamflow: {} events written{}; what follows them: --after {}\n",
            tally_.events(),
            is_complete_ ? "" : ", not all",
            tally_.next_after()
        );
    }

    [[nodiscard]] replay_manifest manifest() const {
        replay_tally begin(ranges_);
        std::string until;
        for (const auto& range : ranges_) {
            until += until.empty() ? "" : ",";
            until += to_string(events::position{range.partition, range.until});
        }
        return {
            .version = TEAMFLOW_VERSION,
            .made_at =
                std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
            .log_id = log_.id,
            .format = asked_.format,
            .filters = asked_.filter,
            .after = begin.next_after(),
            .until = until,
            .events = tally_.events(),
            .bytes = output_.bytes(),
            .sha256 = output_.sha256(),
            .partitions = tally_.partitions(),
            .complete = is_complete_,
            .next_after = tally_.next_after()
        };
    }

    std::string url_;
    const replay_arguments& what_;
    replay_request asked_;
    infra::postgres::session& database_;
    const recorded_log& log_;
    ranges ranges_;
    replay_output output_;
    replay_tally tally_;
    bool is_complete_ = false;
};

}  // namespace

int run_replay(const app_settings& settings, const replay_arguments& what) {
    auto asked = check(what);
    if (!asked) {
        return refuse(asked.error());
    }
    const auto url = database_of(settings);
    infra::postgres::session database(url);
    const auto log = read_recorded_log(database);
    if (const auto faults = faults_of(*asked, log); !faults.empty()) {
        return refuse(faults);
    }
    if (asked->scratch) {
        return run_replay_into(url, *asked);
    }
    const interruption ending;
    return replay_run(url, what, *std::move(asked), database, log).run();
}

}  // namespace teamflow::app
