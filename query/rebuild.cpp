#include "query/rebuild.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "events/json/write.hpp"
#include "infra/log/admin_acts.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;
using infra::postgres::statement;
using projections::rebuild_wish;

/// Measured on a machine with 2 cores (docs/performance.md); only until there is a rate of one's
/// own.
constexpr double usual_rate = 50'000;

struct rebuild_row {
    std::string projection;
    bool is_undo = false;
    std::string stage;
    std::string wish;
    std::optional<std::string> error;
    std::string requested_by;
    events::timestamp requested_at;
    std::optional<events::timestamp> ended_at;
    std::string target;
    double events_per_second = 0;
    bool throttled = false;
    std::string comparison;
    std::optional<events::partition_id> partition;
    std::optional<events::offset> at;
};
BOOST_DESCRIBE_STRUCT(
    rebuild_row,
    (),
    (projection,
     is_undo,
     stage,
     wish,
     error,
     requested_by,
     requested_at,
     ended_at,
     target,
     events_per_second,
     throttled,
     comparison,
     partition,
     at)
)

constexpr statement rows_statement{
    "rebuilds.status",
    "select r.projection, r.is_undo, r.stage, r.wish, r.error, r.requested_by, r.requested_at, "
    "r.ended_at, r.target, r.events_per_second, r.throttled, "
    "coalesce(r.comparison::text, 'null'), c.partition, c.\"offset\" from teamflow.rebuilds r "
    "left join teamflow.projection_checkpoints c "
    "on c.projection = r.projection and c.build = r.build "
    "where $1::text is null or r.projection = $1 order by r.projection, c.partition"
};

// One statement each: an act and the note of it count together.
constexpr statement request_statement{
    "rebuilds.request",
    "with asked as materialized ("
    "select outcome, holder, since from teamflow.request_rebuild($1, $2, $3, $4)), "
    "noted as (insert into teamflow.admin_acts (type, schema_version, data, actor) "
    "select $5, $6, $7, $8 from asked where outcome = 'requested') "
    "select outcome, holder, since from asked"
};

constexpr statement steer_statement{
    "rebuilds.steer",
    "with steered as materialized (select teamflow.steer_rebuild($1, $2) as done), "
    "noted as (insert into teamflow.admin_acts (type, schema_version, data, actor) "
    "select $3, $4, $5, $6 from steered where done) select done from steered"
};

/// A hundredth of the blocks where there are millions of records; 0 of a table never analyzed.
constexpr statement estimate_statement{
    "rebuilds.estimate",
    "with size as (select greatest(reltuples, 0) as records from pg_class "
    "where oid = 'teamflow.log_records'::regclass) "
    "select (case when (select records from size) > 2e6 "
    "then 100 * (select count(*) from teamflow.log_records tablesample system (1) "
    "where kind = 1 and type = any ($2)) "
    "else (select count(*) from teamflow.log_records where kind = 1 and type = any ($2)) end), "
    "(select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c "
    "join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'), "
    "(select events_per_second from teamflow.rebuilds where projection = $1 and stage = 'done'), "
    "(select coalesce(sum(\"offset\" + 1), 0)::bigint from teamflow.archived_until)"
};

double rounded(double value) {
    constexpr double hundredths = 100;
    return std::round(value * hundredths) / hundredths;
}

/// What the projection's status is meanwhile (api.md).
std::string status_of(const rebuild_row& row) {
    if (row.stage == "done" || row.stage == "aborted") {
        return {};
    }
    if (row.error) {
        return "failed";
    }
    if (row.wish == "pause") {
        return "paused";
    }
    const bool is_made =
        row.stage == "waiting" || row.stage == "folding" || row.stage == "indexing";
    return is_made ? "rebuilding" : row.stage;
}

events::event act_of(rebuild_wish wish, std::string name, events::timestamp now) {
    switch (wish) {
        case rebuild_wish::run:
            return events::rebuild_resumed{std::move(name), now};
        case rebuild_wish::pause:
            return events::rebuild_paused{std::move(name), now};
        case rebuild_wish::abort:
            return events::rebuild_aborted{std::move(name), now};
    }
    throw std::logic_error("a wish of no kind");
}

rebuild_state begun(const rebuild_row& row) {
    rebuild_state state{.status = status_of(row), .progress = {}};
    auto& progress = state.progress;
    progress.stage = row.stage;
    // The last word of a fold that has ended may be that it gave way.
    progress.throttled = row.throttled && row.stage == "folding";
    progress.is_undo = row.is_undo;
    progress.error = row.error;
    progress.requested_by = row.requested_by;
    progress.requested_at = row.requested_at;
    progress.ended_at = row.ended_at;
    progress.comparison.value = row.comparison;
    return state;
}

}  // namespace

progress_sum::progress_sum(std::string_view target) {
    for (const auto& each :
         events::parse_positions(target).value_or(std::vector<events::position>{})) {
        targets_[each.partition] = each.at;
    }
}

void progress_sum::add(events::partition_id partition, events::offset at) {
    const auto found = targets_.find(partition);
    if (found == targets_.end()) {
        return;
    }
    const auto wanted = found->second + 1;
    const auto reached = std::min(found->second, at) + 1;
    wanted_ += wanted;
    reached_ += reached;
    partitions_ += fmt::format(
        "{}\"{}\":{}",
        partitions_.empty() ? "" : ",",
        partition,
        rounded(100 * static_cast<double>(reached) / static_cast<double>(wanted))
    );
}

void progress_sum::tell(rebuild_progress& to, double events_per_second) const {
    const auto wanted = static_cast<double>(wanted_);
    to.percent = wanted_ == 0 ? 100 : rounded(100 * static_cast<double>(reached_) / wanted);
    to.partitions.value = "{" + partitions_ + "}";
    to.events_per_second = rounded(events_per_second);
    if (events_per_second > 0) {
        const auto left = static_cast<double>(wanted_ - reached_);
        to.eta_seconds = static_cast<std::int64_t>(std::ceil(left / events_per_second));
    }
}

infra::task<std::map<std::string, rebuild_state>> rebuild_states(
    infra::postgres::pool& database, std::optional<std::string> name
) {
    const auto found = co_await database.query(rows_statement, params::of(name));
    const auto rows = read_rows<rebuild_row>(found);
    std::map<std::string, rebuild_state> states;
    for (auto begin = rows.begin(); begin != rows.end();) {
        auto state = begun(*begin);
        progress_sum sum(begin->target);
        const auto end = std::find_if(begin, rows.end(), [&](const rebuild_row& row) {
            return row.projection != begin->projection;
        });
        for (auto row = begin; row != end; ++row) {
            if (row->partition && row->at) {
                sum.add(*row->partition, *row->at);
            }
        }
        sum.tell(state.progress, begin->events_per_second);
        if (begin->stage == "waiting") {
            // How far it has to come is known once somebody begins.
            state.progress.percent = 0;
        }
        states.emplace(begin->projection, std::move(state));
        begin = end;
    }
    co_return states;
}

infra::task<rebuild_estimate> estimate_rebuild(
    infra::postgres::pool& database, std::string name, std::vector<std::string> types
) {
    auto with = params::of(name);
    with.add(types);
    const auto found = co_await database.query(estimate_statement, std::move(with));
    const auto last_rate = found.get<std::optional<double>>(0, 2).value_or(0);
    const double rate = last_rate > 0 ? last_rate : usual_rate;
    const auto all = static_cast<double>(found.get<std::int64_t>(0, 3));
    co_return rebuild_estimate{
        .name = std::move(name),
        .events = found.get<std::int64_t>(0, 0),
        .seconds = static_cast<std::int64_t>(std::ceil(all / rate)),
        .events_per_second = static_cast<std::int64_t>(rate),
        .bytes = found.get<std::int64_t>(0, 1)
    };
}

infra::task<rebuild_request> request_rebuild(
    infra::postgres::pool& database,
    std::string name,
    admin_at by_whom,
    std::int64_t keep_seconds,
    bool is_undo
) {
    auto with = params::of(name, by_whom.name, keep_seconds, is_undo);
    events::event act = events::rebuild_started{name, keep_seconds, by_whom.now};
    if (is_undo) {
        act = events::rebuild_undone{name, by_whom.now};
    }
    infra::add_act(with, act, by_whom.name);
    const auto answer = co_await database.query(request_statement, std::move(with));
    co_return read_row<rebuild_request>(answer, 0);
}

infra::task<bool> steer_rebuild(
    infra::postgres::pool& database, std::string name, admin_at by_whom, rebuild_wish wish
) {
    auto with = params::of(name, events::json::enum_name(wish));
    infra::add_act(with, act_of(wish, std::move(name), by_whom.now), by_whom.name);
    const auto answer = co_await database.query(steer_statement, std::move(with));
    co_return answer.get<bool>(0, 0);
}

std::string refusal_of(const rebuild_request& asked, std::string_view name) {
    if (asked.outcome == "running") {
        return fmt::format(
            "{} is being rebuilt already, for {} since {}: wait for it, or abort it",
            name,
            asked.holder.value_or("somebody"),
            asked.since ? events::to_string(*asked.since) : "a while ago"
        );
    }
    if (asked.outcome == "building") {
        return fmt::format(
            "{} is being made anew already, because its definition or the log has changed", name
        );
    }
    if (asked.outcome == "no_previous") {
        return fmt::format("nothing is kept to which {} could return", name);
    }
    return asked.outcome == "requested" ? "" : fmt::format("there is no projection {}", name);
}

}  // namespace teamflow::query
