#include "query/history.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "query/paging.hpp"

namespace teamflow::query {

bool history_filter::wants(const events::record& event) const {
    const auto& head = event.head;
    return (!organization || head.organization == *organization) &&
           (types.empty() || std::ranges::find(types, head.type) != types.end()) &&
           (!stream || head.stream == *stream) && (!from || head.time >= *from) &&
           (!to || head.time < *to) && (!actor || head.actor == *actor) &&
           (!correlation_id || head.correlation_id == *correlation_id);
}

history_page page_of(const history_filter& filter, const history_range& range, std::int32_t limit) {
    conditions where;
    if (filter.organization) {
        // All of an organization lies in one partition, and its index knows no partitions.
        where.add("e.organization = ", filter.organization);
    } else {
        where.add("e.partition = ", range.partition);
    }
    where.add("e.\"offset\" > ", range.after);
    where.add("e.\"offset\" <= ", range.until);
    if (!filter.types.empty()) {
        where.add("e.type = any(", filter.types, ")");
    }
    where.add("e.stream = ", filter.stream);
    where.add("e.time >= ", filter.from);
    where.add("e.time < ", filter.to);
    where.add("e.actor = ", filter.actor);
    where.add("e.correlation_id = ", filter.correlation_id);
    return {
        .sql = fmt::format(
            R"(select {} from teamflow.events as e{} order by e."offset" limit {})",
            event_columns,
            where.sql(),
            limit
        ),
        .values = where.values()
    };
}

history::history(
    infra::postgres::pool& database, history_filter filter, std::vector<history_range> ranges
)
    : database_(database), filter_(std::move(filter)), ranges_(std::move(ranges)) {}

infra::task<std::vector<event_view>> history::next(std::int32_t limit) {
    std::vector<event_view> found;
    while (current_ < ranges_.size() && std::cmp_less(found.size(), limit)) {
        auto& range = ranges_[current_];
        const auto wanted = limit - static_cast<std::int32_t>(found.size());
        auto page = co_await read(range, wanted);
        if (std::cmp_less(page.size(), wanted)) {
            range.after = std::max(range.after, range.until);
            ++current_;
        } else {
            range.after = page.back().offset;
        }
        std::ranges::move(page, std::back_inserter(found));
    }
    co_return found;
}

infra::task<std::vector<event_view>> history::read(history_range range, std::int32_t limit) {
    if (range.after >= range.until) {
        co_return std::vector<event_view>();
    }
    auto page = page_of(filter_, range, limit);
    const infra::postgres::statement what{"history.page", page.sql};
    const auto rows = co_await database_.query(what, std::move(page.values));
    co_return read_events(rows);
}

std::string history::position() const {
    std::string list;
    for (const auto& range : ranges_) {
        if (range.after >= 0) {
            list += list.empty() ? "" : ",";
            list += to_string(events::position{range.partition, range.after});
        }
    }
    return list;
}

infra::task<std::optional<event_view>> find_event(
    infra::postgres::pool& database,
    std::optional<events::organization_id> organization,
    events::event_id id
) {
    static const std::string sql = "select " + std::string(event_columns) +
                                   " from teamflow.events as e where e.id = $1"
                                   " and ($2::uuid is null or e.organization = $2)";
    const infra::postgres::statement what{"history.event", sql};
    auto values = infra::postgres::params::of(id, organization);
    const auto rows = co_await database.query(what, std::move(values));
    co_return rows.empty() ? std::nullopt : std::optional(read_event(rows, 0));
}

history_page causes_page(std::optional<events::organization_id> organization, events::event_id id) {
    return {
        .sql = "select " + std::string(event_columns) +
               " from teamflow.events as cause join teamflow.events as e"
               " on e.correlation_id = cause.correlation_id"
               " and (e.organization = cause.organization or"
               " ($2::uuid is null and e.organization = '00000000-0000-0000-0000-000000000000'))"
               " where cause.id = $1 and ($2::uuid is null or cause.organization = $2)"
               " order by e.time, e.partition, e.\"offset\" limit 1000",
        .values = infra::postgres::params::of(id, organization)
    };
}

infra::task<std::vector<event_view>> causes_of(
    infra::postgres::pool& database,
    std::optional<events::organization_id> organization,
    events::event_id id
) {
    auto page = causes_page(organization, id);
    const infra::postgres::statement what{"history.causes", page.sql};
    const auto rows = co_await database.query(what, std::move(page.values));
    co_return read_events(rows);
}

}  // namespace teamflow::query
