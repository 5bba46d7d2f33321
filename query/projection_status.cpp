#include "query/projection_status.hpp"

#include <algorithm>
#include <cmath>

#include "events/record.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using events::offset;

constexpr infra::postgres::statement places{
    "projections.status",
    "select p.name, p.version, p.status, p.target, "
    "(extract(epoch from now() - p.started_at) * 1000)::bigint, "
    "(select count(*) from teamflow.parked_events e "
    " where e.projection = p.name and e.build = p.build), "
    "case when p.previous_until > now() then p.previous_until end, "
    "c.partition, c.\"offset\", r.time, now() "
    "from teamflow.projections p "
    "join teamflow.projection_checkpoints c on c.projection = p.name and c.build = p.build "
    "left join teamflow.log_records r "
    "on r.partition = c.partition and r.\"offset\" = c.\"offset\" + 1 "
    "where $1::text is null or p.name = $1 order by p.name, c.partition"
};

double rounded(double value) {
    constexpr double hundredths = 100;
    return std::round(value * hundredths) / hundredths;
}

/// The rows of one projection, partition by partition.
using projection_rows = std::span<const projection_place>;

/// Of a read model that is made where it is.
std::optional<rebuild_progress> progress_of(projection_rows rows) {
    const auto& first = rows.front();
    if (first.status != "rebuilding") {
        return std::nullopt;
    }
    progress_sum sum(first.target);
    std::int64_t read = 0;
    for (const auto& row : rows) {
        read += row.at + 1;
        sum.add(row.partition, row.at);
    }
    constexpr double per_second = 1000;
    const auto running = static_cast<double>(std::max<std::int64_t>(first.running_ms, 1));
    rebuild_progress made;
    sum.tell(made, static_cast<double>(read) * per_second / running);
    return made;
}

void add_rebuild(projection_view& to, const rebuild_state& state) {
    if (state.status.empty()) {
        to.last_rebuild = state.progress;
        return;
    }
    to.status = state.status;
    to.rebuild = state.progress;
}

/// Since when the first record behind a place has waited. On Kafka the archive may lack what the
/// memory of this process has, as while all projectors are gone, which fill it.
std::optional<events::timestamp> unread_since(
    const projection_place& place, const infra::log_tail& tail
) {
    if (place.unread_since) {
        return place.unread_since;
    }
    const auto next = tail.read(place.partition, place.at + 1, 1);
    return next && !next->empty() ? std::optional(next->front()->head.time) : std::nullopt;
}

/// Adds what one partition is behind; null stays null.
void add_lag(projection_view& to, const projection_place& place, const infra::log_tail& tail) {
    const auto end = tail.current_end(place.partition, log_silence_max);
    if (to.lag_events && end) {
        *to.lag_events += std::max<offset>(*end - place.at, 0);
    } else {
        to.lag_events.reset();
    }
    if (end && *end <= place.at) {
        return;
    }
    const auto since = unread_since(place, tail);
    if (to.lag_seconds && since) {
        const std::chrono::duration<double> age = place.now - *since;
        to.lag_seconds = std::max(*to.lag_seconds, rounded(std::max(age.count(), 0.0)));
    } else {
        to.lag_seconds.reset();
    }
}

}  // namespace

projection_view view_of(projection_rows rows, const infra::log_tail& tail) {
    const auto& first = rows.front();
    projection_view view{
        .name = first.name,
        .version = first.version,
        .status = first.status,
        .lag_events = 0,
        .lag_seconds = 0,
        .position = {"{"},
        .parked = first.parked,
        .rebuild = progress_of(rows),
        .last_rebuild = {},
        .undo_until = first.undo_until,
        .records_read = 0
    };
    for (const auto& row : rows) {
        view.records_read += row.at + 1;
        add_lag(view, row, tail);
        view.position.value += view.position.value.size() > 1 ? ",\"" : "\"";
        view.position.value += std::to_string(row.partition) + "\":" + std::to_string(row.at);
    }
    view.position.value += '}';
    return view;
}

newest_rebuild newest_rebuild_of(const projection_view& view) {
    return {
        .name = view.name,
        .status = view.status,
        .rebuild = view.last_rebuild ? view.last_rebuild : view.rebuild,
        .undo_until = view.undo_until
    };
}

infra::task<std::vector<projection_view>> projection_status(
    infra::postgres::pool& database, const infra::log_tail& tail, std::optional<std::string> name
) {
    auto with = infra::postgres::params::of(name);
    const auto rebuilds = co_await rebuild_states(database, name);
    const auto result = co_await database.query(places, std::move(with));
    const auto rows = read_rows<projection_place>(result);
    std::vector<projection_view> views;
    for (auto begin = rows.begin(); begin != rows.end();) {
        const auto end = std::find_if(begin, rows.end(), [&](const projection_place& row) {
            return row.name != begin->name;
        });
        views.push_back(view_of({begin, end}, tail));
        if (const auto found = rebuilds.find(begin->name); found != rebuilds.end()) {
            add_rebuild(views.back(), found->second);
        }
        begin = end;
    }
    co_return views;
}

}  // namespace teamflow::query
