#include "query/log_statistics.hpp"

#include <utility>

#include <fmt/format.h>

#include "query/paging.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

conditions conditions_of(const statistics_filter& filter) {
    conditions where;
    where.add("e.time >= ", filter.from);
    where.add("e.time < ", filter.to);
    where.add("e.organization = ", filter.organization);
    return where;
}

constexpr std::string_view sums = R"(count(*), coalesce(sum(octet_length(e.data::text)), 0))";

}  // namespace

history_page totals_page(const statistics_filter& filter) {
    const auto where = conditions_of(filter);
    return {
        .sql = fmt::format(
            "select e.type, {}, min(e.time), max(e.time) from teamflow.events as e{}"
            " group by 1 order by 1",
            sums,
            where.sql()
        ),
        .values = where.values()
    };
}

history_page hottest_page(const statistics_filter& filter, std::int32_t limit) {
    const auto where = conditions_of(filter);
    return {
        .sql = fmt::format(
            "select e.organization, e.stream, {} from teamflow.events as e{}"
            " group by 1, 2 order by 3 desc, 1, 2 limit {}",
            sums,
            where.sql(),
            limit
        ),
        .values = where.values()
    };
}

infra::task<std::vector<type_statistics>> statistics_by_type(
    infra::postgres::pool& database, statistics_filter filter
) {
    const auto where = conditions_of(filter);
    const std::string sql = fmt::format(
        "select e.type, (e.time at time zone 'UTC')::date, {} from teamflow.events as e{}"
        " group by 1, 2 order by 2, 1",
        sums,
        where.sql()
    );
    const infra::postgres::statement what{"statistics.types", sql};
    auto values = where.values();
    const auto rows = co_await database.query(what, std::move(values));
    co_return read_rows<type_statistics>(rows);
}

infra::task<std::vector<stream_statistics>> hottest_streams(
    infra::postgres::pool& database, statistics_filter filter, std::int32_t limit
) {
    auto page = hottest_page(filter, limit);
    const infra::postgres::statement what{"statistics.streams", page.sql};
    const auto rows = co_await database.query(what, std::move(page.values));
    co_return read_rows<stream_statistics>(rows);
}

}  // namespace teamflow::query
