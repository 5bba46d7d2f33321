#include "query/log_statistics.hpp"

#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <boost/describe/class.hpp>

#include "app/database_place.hpp"
#include "app/history_arguments.hpp"
#include "app/log_commands.hpp"
#include "app/offline_log.hpp"
#include "events/json/write.hpp"
#include "infra/postgres/session.hpp"
#include "query/read_row.hpp"

namespace teamflow::app {

namespace {

struct statistics_report {
    std::optional<events::timestamp> from;
    std::optional<events::timestamp> to;
    std::optional<events::organization_id> organization_id;
    std::int64_t events = 0;
    /// Of their data as JSON text.
    std::int64_t bytes = 0;
    std::vector<query::type_total> types;
    std::vector<query::stream_statistics> streams;
};
BOOST_DESCRIBE_STRUCT(
    statistics_report, (), (from, to, organization_id, events, bytes, types, streams)
)

query::statistics_filter filter_of(const log_statistics_arguments& what, faults& found) {
    query::statistics_filter filter{
        .organization = {},
        .from = read_time("--from", what.from, found),
        .to = read_time("--to", what.to, found)
    };
    if (filter.from && filter.to && *filter.from >= *filter.to) {
        found.emplace_back("--to must be later than --from");
    }
    if (!what.organization.empty()) {
        if (const auto id = events::parse_uuid(what.organization)) {
            filter.organization = events::organization_id{*id};
        } else {
            found.push_back(fmt::format("--organization: '{}' is no id", what.organization));
        }
    }
    return filter;
}

template <class T>
std::vector<T> rows_of(infra::postgres::session& database, const query::history_page& page) {
    return query::read_rows<T>(database.query(page.sql, page.values));
}

/// Both tables of one state of the archive.
statistics_report make_report(
    infra::postgres::session& database, const query::statistics_filter& filter, std::int32_t limit
) {
    const infra::postgres::transaction snapshot(
        database, "isolation level repeatable read, read only"
    );
    statistics_report report{
        .from = filter.from,
        .to = filter.to,
        .organization_id = filter.organization,
        .types = rows_of<query::type_total>(database, query::totals_page(filter)),
        .streams = rows_of<query::stream_statistics>(database, query::hottest_page(filter, limit))
    };
    for (const auto& each : report.types) {
        report.events += each.events;
        report.bytes += each.bytes;
    }
    return report;
}

void print_tables(const statistics_report& report) {
    std::cout << fmt::format(
        "{:<40} {:>12} {:>14}  {:<24}  last\n", "type", "events", "bytes", "first"
    );
    for (const auto& each : report.types) {
        std::cout << fmt::format(
            "{:<40} {:>12} {:>14}  {}  {}\n",
            each.type,
            each.events,
            each.bytes,
            events::to_string(each.first),
            events::to_string(each.last)
        );
    }
    std::cout << fmt::format("{:<40} {:>12} {:>14}\n", "all", report.events, report.bytes);
    std::cout << fmt::format("\n{:<48} {:>12} {:>14}  organization\n", "stream", "events", "bytes");
    for (const auto& each : report.streams) {
        std::cout << fmt::format(
            "{:<48} {:>12} {:>14}  {}\n",
            each.stream,
            each.events,
            each.bytes,
            to_string(each.organization_id)
        );
    }
}

}  // namespace

int run_log_statistics(const app_settings& settings, const log_statistics_arguments& what) {
    faults found;
    const auto filter = filter_of(what, found);
    if (!found.empty()) {
        return refuse(found);
    }
    infra::postgres::session database(database_of(settings));
    read_recorded_log(database);
    const auto report = make_report(database, filter, what.limit);
    if (what.as_json) {
        std::cout << events::json::to_json(report) << '\n';
    } else {
        print_tables(report);
    }
    return 0;
}

}  // namespace teamflow::app
