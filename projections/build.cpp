#include "projections/build.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "infra/postgres/session.hpp"
#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

constexpr postgres::statement read_projection{
    "read_projection",
    "select version, fingerprint, build, status, target, coalesce(error, '') "
    "from teamflow.projections where name = $1"
};

constexpr postgres::statement read_checkpoints{
    "read_checkpoints",
    "select c.partition, c.\"offset\", c.epoch_offset, c.epoch_writer, c.next_sequence "
    "from teamflow.projection_checkpoints as c join teamflow.projections as p "
    "on p.name = c.projection and p.build = c.build where p.name = $1 order by c.partition"
};

constexpr postgres::statement read_parked_keys{
    "read_parked_keys",
    "select distinct e.key from teamflow.parked_events as e join teamflow.projections as p "
    "on p.name = e.projection and p.build = e.build where p.name = $1"
};

constexpr postgres::statement count_parked{
    "count_parked",
    "select count(distinct e.commit_id) from teamflow.parked_events as e "
    "join teamflow.projections as p on p.name = e.projection and p.build = e.build "
    "where p.name = $1"
};

constexpr postgres::statement begin_build{
    "begin_build", "select teamflow.begin_build($1, $2, $3, $4, $5)"
};

constexpr postgres::statement forget_checkpoints{
    "forget_checkpoints", "delete from teamflow.projection_checkpoints where projection = $1"
};

constexpr postgres::statement forget_parked{
    "forget_parked", "delete from teamflow.parked_events where projection = $1"
};

constexpr postgres::statement begin_checkpoints{
    "begin_checkpoints",
    "insert into teamflow.projection_checkpoints (projection, build, partition, \"offset\", "
    "epoch_offset, epoch_writer, next_sequence) "
    "select $1, $2, partition, -1, -1, '00000000-0000-0000-0000-000000000000', 0 "
    "from unnest($3::integer[]) as partition"
};

constexpr postgres::statement resume_build{
    "resume_build",
    "update teamflow.projections set status = 'rebuilding', error = null "
    "where name = $1 and build = $2 and status = 'failed'"
};

/// Each projector calls it when its own checkpoints are saved, so the last one sees all of them.
constexpr postgres::statement set_live{
    "set_live",
    "with reached as (update teamflow.projections p set status = 'live', live_at = now() "
    "where p.name = $1 and p.build = $2 and p.status = 'rebuilding' and not exists ("
    "select from unnest($3::integer[], $4::bigint[]) as t (partition, goal) "
    "left join teamflow.projection_checkpoints c "
    "on c.projection = p.name and c.build = p.build and c.partition = t.partition "
    "where coalesce(c.\"offset\", -1) < t.goal) returning 1) "
    "select exists (select from reached) or exists (select from teamflow.projections "
    "where name = $1 and build = $2 and status = 'live')"
};

constexpr postgres::statement set_failed{
    "set_failed",
    "update teamflow.projections set status = 'failed', error = $3 where name = $1 and build = $2"
};

bool covers(
    const std::vector<partition_checkpoint>& checkpoints,
    const std::vector<events::position>& log_end
) {
    return std::ranges::equal(
        checkpoints, log_end, {}, &partition_checkpoint::partition, &events::position::partition
    );
}

std::string text_of(const std::vector<events::position>& positions) {
    std::string out;
    for (const auto& each : positions) {
        if (each.at >= 0) {
            out += (out.empty() ? "" : ",") + to_string(each);
        }
    }
    return out;
}

std::vector<events::position> target_of(std::string_view text) {
    return events::parse_positions(text).value_or(std::vector<events::position>{});
}

void add_tables(
    std::vector<postgres::call>& calls, std::vector<std::string>& texts, const projection& what
) {
    const auto schema = postgres::quoted_name(what.name);
    texts.push_back("drop schema if exists " + schema + " cascade");
    texts.push_back("create schema " + schema);
    for (const auto& table : what.tables) {
        auto sql = make_sql(table.definition, what.name);
        texts.push_back(std::move(sql.create));
        for (auto& index : sql.indexes) {
            texts.push_back(std::move(index));
        }
    }
    for (const auto& text : texts) {
        calls.push_back({{"define_projection", text}, {}});
    }
}

/// In place of the build `before`; 0 when there is none.
infra::task<opened_build> begin(
    postgres::connection& database,
    const projection& what,
    std::int64_t before,
    std::vector<events::position> log_end,
    std::string reason
) {
    auto partitions = postgres::array_param::of<events::partition_id>();
    const std::int64_t build = before + 1;
    opened_build opened{
        .state = {.build = build, .checkpoints = {}, .parked_keys = {}},
        .live = false,
        .target = log_end,
        .reason = std::move(reason)
    };
    for (const auto& each : log_end) {
        partitions.push(each.partition);
        opened.state.checkpoints.push_back({each.partition, {}});
    }
    postgres::params with = postgres::params::of(what.name, build);
    with.add(std::move(partitions));
    std::vector<std::string> texts;
    std::vector<postgres::call> calls;
    // First, because it lets one projector in and waits for those at work on the build before.
    calls.push_back(
        {begin_build,
         postgres::params::of(
             what.name, std::int32_t{what.version}, what.fingerprint(), before, text_of(log_end)
         )}
    );
    calls.push_back({forget_checkpoints, postgres::params::of(what.name)});
    calls.push_back({forget_parked, postgres::params::of(what.name)});
    calls.push_back({begin_checkpoints, std::move(with)});
    add_tables(calls, texts, what);
    calls.push_back({notify_progress, postgres::params::of(restart_notice(what.name))});
    co_await database.atomically(std::move(calls));
    co_return opened;
}

}  // namespace

std::vector<partition_checkpoint> checkpoints_in(const postgres::result& rows) {
    std::vector<partition_checkpoint> out;
    out.reserve(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        out.push_back(
            {rows.get<events::partition_id>(i, 0),
             {.at = rows.get<events::offset>(i, 1),
              .reign = {rows.get<events::offset>(i, 2), rows.get<events::writer_id>(i, 3)},
              .next_sequence = rows.get<std::int64_t>(i, 4)}}
        );
    }
    return out;
}

newer_build::newer_build(const projection& what, std::int32_t found)
    : std::runtime_error(fmt::format(
          "projection {} is at version {}, this program knows version {}",
          what.name,
          found,
          what.version
      )) {}

infra::task<opened_build> open_build(
    postgres::connection& database,
    const projection& what,
    std::vector<events::position> log_end,
    stopped_build stopped
) {
    std::vector<postgres::call> calls;
    for (const auto& each : {read_projection, read_checkpoints, read_parked_keys, count_parked}) {
        calls.push_back({each, postgres::params::of(what.name)});
    }
    const auto answers = co_await database.atomically(std::move(calls));
    const auto& found = answers[0];
    if (found.empty()) {
        co_return co_await begin(database, what, 0, std::move(log_end), "new");
    }
    const auto version = found.get<std::int32_t>(0, 0);
    if (version > what.version) {
        throw newer_build(what, version);
    }
    const auto build = found.get<std::int64_t>(0, 2);
    const auto status = found.get<std::string_view>(0, 3);
    opened_build opened{
        .state = {.build = build, .checkpoints = checkpoints_in(answers[1]), .parked_keys = {}},
        .live = status == "live",
        .target = target_of(found.get<std::string_view>(0, 4)),
        .reason = {}
    };
    std::string reason;
    if (found.get<std::string_view>(0, 1) != what.fingerprint()) {
        reason = "its definition changed";
    } else if (!covers(opened.state.checkpoints, log_end)) {
        reason = "the log has other partitions";
    }
    if (!reason.empty()) {
        co_return co_await begin(database, what, build, std::move(log_end), std::move(reason));
    }
    if (status == "failed") {
        if (stopped == stopped_build::leave) {
            throw failed_build(found.get<std::string>(0, 5));
        }
        co_await database.query(resume_build, postgres::params::of(what.name, build));
    }
    for (std::size_t i = 0; i < answers[2].rows(); ++i) {
        opened.state.parked_keys.push_back(answers[2].get<std::string>(i, 0));
    }
    opened.state.parked_commits = answers[3].get<std::int64_t>(0, 0);
    co_return opened;
}

infra::task<bool> settle_build(
    postgres::connection& database,
    const projection& what,
    std::int64_t build,
    const std::vector<events::position>& target
) {
    auto partitions = postgres::array_param::of<events::partition_id>();
    auto goals = postgres::array_param::of<events::offset>();
    for (const auto& each : target) {
        partitions.push(each.partition);
        goals.push(each.at);
    }
    postgres::params with = postgres::params::of(what.name, build);
    with.add(std::move(partitions));
    with.add(std::move(goals));
    const auto answer = co_await database.query(set_live, std::move(with));
    co_return answer.get<bool>(0, 0);
}

infra::task<> mark_failed(
    postgres::connection& database, const projection& what, std::int64_t build, std::string reason
) {
    co_await database.query(set_failed, postgres::params::of(what.name, build, reason));
}

}  // namespace teamflow::projections
