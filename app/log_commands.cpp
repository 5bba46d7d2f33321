#include "app/log_commands.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/describe/class.hpp>

#include "app/database_place.hpp"
#include "app/open_log.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/postgres/session.hpp"
#include "query/event_text.hpp"

namespace teamflow::app {

namespace {

constexpr std::chrono::milliseconds follow_pause{100};
constexpr std::int32_t page_size = 500;

struct partition_info {
    events::partition_id partition = 0;
    /// Of the last record; -1 when there is none, null when the log cannot be asked.
    std::optional<events::offset> end;
    events::offset archived = -1;
    events::offset claimed_at = -1;
    std::string owner;
};
BOOST_DESCRIBE_STRUCT(partition_info, (), (partition, end, archived, claimed_at, owner))

struct log_info {
    events::uuid log_id{};
    std::string backend;
    std::int32_t partitions = 0;
    std::vector<partition_info> places;
};
BOOST_DESCRIBE_STRUCT(log_info, (), (log_id, backend, partitions, places))

log_info read_info(infra::postgres::session& database) {
    const auto row = database.query("select log_id, backend, partitions from teamflow.log_info");
    if (row.empty()) {
        throw std::runtime_error("this database holds no log yet: run `teamflow migrate`");
    }
    log_info info{
        .log_id = row.get<events::uuid>(0, 0),
        .backend = row.get<std::string>(0, 1),
        .partitions = row.get<std::int32_t>(0, 2),
        .places = {}
    };
    const bool is_kafka = info.backend == "kafka";
    const auto places = database.query(
        is_kafka ? "select partition, \"offset\", epoch_offset, coalesce((select data->>'address'"
                   " from teamflow.log_records r where r.partition = c.partition"
                   " and r.\"offset\" = c.epoch_offset), '')"
                   " from teamflow.archive_checkpoints c order by partition"
                 : "select partition, next_offset - 1, epoch_offset, owner_address"
                   " from teamflow.log_partitions order by partition"
    );
    for (std::size_t i = 0; i < places.rows(); ++i) {
        const auto at = places.get<events::offset>(i, 1);
        info.places.push_back(
            {.partition = places.get<events::partition_id>(i, 0),
             .end = is_kafka ? std::nullopt : std::optional(at),
             .archived = at,
             .claimed_at = places.get<events::offset>(i, 2),
             .owner = places.get<std::string>(i, 3)}
        );
    }
    return info;
}

void print_table(const log_info& info) {
    std::cout << fmt::format(
        "log {} on {}, {} partitions\n",
        events::to_string(info.log_id),
        info.backend,
        info.partitions
    );
    std::cout << fmt::format(
        "{:>9} {:>12} {:>12} {:>12}  {}\n", "partition", "end", "archived", "claimed at", "owner"
    );
    for (const auto& place : info.places) {
        std::cout << fmt::format(
            "{:>9} {:>12} {:>12} {:>12}  {}\n",
            place.partition,
            place.end ? std::to_string(*place.end) : "unknown",
            place.archived,
            place.claimed_at,
            place.owner
        );
    }
}

/// A part of a partition: behind `after`, up to and with `until`.
struct stretch {
    events::partition_id partition = 0;
    events::offset after = -1;
    events::offset until = -1;
};

/// The first events of a stretch, at most a page; the last ones when `newest`.
std::vector<query::event_view> read_page(
    infra::postgres::session& database,
    const log_tail_arguments& what,
    const stretch& part,
    bool newest
) {
    std::vector<std::string> values{
        std::to_string(part.partition), std::to_string(part.after), std::to_string(part.until)
    };
    std::string where;
    const auto add = [&](std::string_view condition, const std::string& value) {
        values.push_back(value);
        where += fmt::format(fmt::runtime(condition), values.size());
    };
    if (!what.types.empty()) {
        add(" and e.type = any(string_to_array(${}, ','))",
            fmt::format("{}", fmt::join(what.types, ",")));
    }
    if (what.stream) {
        add(" and e.stream = ${}", *what.stream);
    }
    if (!what.organization.empty()) {
        add(" and e.organization = ${}::uuid", what.organization);
    }
    const auto rows = database.query(
        fmt::format(
            R"(select {} from teamflow.events e where e.partition = $1 and e."offset" > $2)"
            R"( and e."offset" <= $3{} order by e."offset"{} limit {})",
            query::event_columns,
            where,
            newest ? " desc" : "",
            newest ? what.lines : page_size
        ),
        values
    );
    return query::read_events(rows);
}

void print(const std::vector<query::event_view>& events) {
    for (const auto& event : events) {
        std::cout << events::json::to_json(event) << '\n';
    }
    std::cout << std::flush;
}

using places = std::map<events::partition_id, events::offset>;

/// Prints what lies behind the places and moves them to the end.
bool print_behind(
    infra::postgres::session& database, const log_tail_arguments& what, places& reached
) {
    bool moved = false;
    for (const auto& place : read_info(database).places) {
        auto& at = reached[place.partition];
        while (at < place.archived) {
            moved = true;
            const auto page =
                read_page(database, what, {place.partition, at, place.archived}, false);
            print(page);
            at = std::cmp_less(page.size(), page_size) ? place.archived : page.back().offset;
        }
    }
    return moved;
}

/// Prints the newest lines of all partitions together, oldest first.
void print_last(
    infra::postgres::session& database, const log_tail_arguments& what, places& reached
) {
    std::vector<query::event_view> last;
    for (const auto& place : read_info(database).places) {
        reached[place.partition] = place.archived;
        auto page = read_page(database, what, {place.partition, -1, place.archived}, true);
        std::ranges::move(page, std::back_inserter(last));
    }
    std::ranges::sort(last, [](const auto& left, const auto& right) {
        return std::tie(left.time, left.partition, left.offset) <
               std::tie(right.time, right.partition, right.offset);
    });
    const auto wanted = static_cast<std::size_t>(what.lines);
    if (last.size() > wanted) {
        last.erase(last.begin(), last.end() - static_cast<std::ptrdiff_t>(wanted));
    }
    print(last);
}

}  // namespace

int run_log_info(const app_settings& settings, bool as_json) {
    infra::postgres::session database(database_of(settings));
    auto info = read_info(database);
    if (info.backend == "kafka" && !settings.brokers.empty()) {
        const auto how = kafka_settings(settings);
        infra::kafka::catch_up topic(how);
        for (auto& place : info.places) {
            place.end = topic.end(place.partition);
        }
    }
    if (as_json) {
        std::cout << events::json::to_json(info) << '\n';
    } else {
        print_table(info);
    }
    return 0;
}

int run_log_tail(const app_settings& settings, const log_tail_arguments& what) {
    const auto after = events::parse_positions(what.after);
    if (!what.after.empty() && !after) {
        std::cerr << "teamflow: --after must be a list of positions such as 3@120,7@44\n";
        return 2;
    }
    if (!what.organization.empty() && !events::parse_uuid(what.organization)) {
        std::cerr << "teamflow: --organization must be an id\n";
        return 2;
    }
    infra::postgres::session database(database_of(settings));
    places reached;
    if (what.after.empty()) {
        print_last(database, what, reached);
    } else {
        for (const auto& place : read_info(database).places) {
            reached[place.partition] = -1;
        }
        for (const auto& place : *after) {
            reached[place.partition] = place.at;
        }
        print_behind(database, what, reached);
    }
    while (what.follow && std::cout) {
        if (!print_behind(database, what, reached)) {
            std::this_thread::sleep_for(follow_pause);
        }
    }
    return 0;
}

}  // namespace teamflow::app
