#include "projections/rebuild/archived_events.hpp"

#include <memory>
#include <utility>

#include "infra/log/record_rows.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

/// Stored bytes of payloads in one piece: on the wire and in memory it is a small multiple.
constexpr std::int64_t max_bytes = std::int64_t{16} << 20U;

/// How many offsets a piece passes over at most, for each event that it may have: what is wanted
/// may be rare, and its reader has other things to look at between two pieces.
constexpr std::int64_t max_sparseness = 10;

const std::string until_sql =
    R"(select "offset", epoch_offset, epoch_writer, next_sequence
         from teamflow.archived_until where partition = $1)";

/// The last event of a whole commit in a stretch of offsets.
const std::string boundary_sql =
    R"(select "offset", epoch_offset, epoch_writer, sequence from teamflow.log_records
        where partition = $1 and "offset" > $2 and "offset" <= $3 and kind = 1
          and commit_index + 1 = commit_count
        order by "offset" desc limit 1)";

/// As record_columns, without what belongs to the writer alone. The sum stops a piece before it
/// grows beyond its bytes; its first event comes in any case.
const std::string piece_sql =
    R"(select partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id,
              commit_index, commit_count, event_id, type, schema_version, stream, stream_version,
              organization, actor, time, correlation_id, causation_id, traceparent, data,
              null::text, null::text, null::text
         from (select r.*, sum(pg_column_size(r.data)) over (
                          order by r."offset" rows between unbounded preceding and 1 preceding
                      ) as bytes_before
                 from (select partition, "offset", kind, epoch_offset, epoch_writer, sequence,
                              commit_id, commit_index, commit_count, event_id, type,
                              schema_version, stream, stream_version, organization, actor, time,
                              correlation_id, causation_id, traceparent,
                              case when type = any ($5) then data end as data
                         from teamflow.log_records
                        where partition = $1 and "offset" > $2 and "offset" <= $3 and kind = 1
                          and (type = any ($5) or commit_count > 1)
                          and ($6 is null or organization = $6)
                        order by "offset" limit $4) as r) as s
        where coalesce(bytes_before, 0) < $7 order by "offset")";

/// How many of the records belong to commits that are whole.
std::size_t whole_commits(const std::vector<events::record_ptr>& records) {
    std::size_t whole = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i]->commit.index + 1 == records[i]->commit.count) {
            whole = i + 1;
        }
    }
    return whole;
}

events::checkpoint boundary_at(const events::record& last) {
    return {.at = last.at, .reign = last.reign, .next_sequence = last.sequence + 1};
}

}  // namespace

events::checkpoint archived_until(postgres::session& database, events::partition_id partition) {
    const auto found = database.query(until_sql, postgres::params::of(partition));
    if (found.empty()) {
        return {};
    }
    return {
        .at = found.get<events::offset>(0, 0),
        .reign = {found.get<events::offset>(0, 1), found.get<events::writer_id>(0, 2)},
        .next_sequence = found.get<std::int64_t>(0, 3)
    };
}

void keep_wanted(std::vector<events::record_ptr>& records, const wanted_events& wants) {
    std::vector<events::record_ptr> kept;
    for (std::size_t begin = 0; begin < records.size();) {
        const auto count = records[begin]->commit.count;
        const auto end = begin + static_cast<std::size_t>(count);
        const auto first = kept.size();
        for (; begin < end; ++begin) {
            if (wants(*records[begin])) {
                kept.push_back(records[begin]);
            }
        }
        const auto left = static_cast<std::int16_t>(kept.size() - first);
        for (std::int16_t i = 0; left < count && i < left; ++i) {
            auto& record = kept[first + static_cast<std::size_t>(i)];
            auto renumbered = std::make_shared<events::record>(*record);
            renumbered->commit.index = i;
            renumbered->commit.count = left;
            record = std::move(renumbered);
        }
    }
    records = std::move(kept);
}

archived_events::archived_events(
    postgres::session& database,
    events::partition_id partition,
    const events::checkpoint& from,
    archived_scope scope
)
    : database_(database), partition_(partition), at_(from), scope_(std::move(scope)) {}

std::optional<archived_piece> archived_events::next(
    const events::checkpoint& goal, std::size_t max_events
) {
    if (at_.at >= goal.at) {
        return std::nullopt;
    }
    auto limit = static_cast<std::int64_t>(max_events);
    const auto within = boundary_before(goal, limit * max_sparseness);
    archived_piece piece{.until = within, .events = {}};
    for (bool is_whole = false; !is_whole; limit *= 2) {
        auto with = postgres::params::of(partition_, at_.at, within.at, limit);
        with.add(scope_.types);
        with.add(scope_.organization);
        with.add(max_bytes * limit / static_cast<std::int64_t>(max_events));
        piece.events = infra::read_records(database_.query(piece_sql, with));
        const auto whole = whole_commits(piece.events);
        is_whole = piece.events.empty() || whole > 0;
        piece.events.resize(whole);
        // Only what was cut off by a bound can go on behind it.
        if (!piece.events.empty()) {
            piece.until = boundary_at(*piece.events.back());
        }
    }
    at_ = piece.until;
    if (scope_.wants) {
        keep_wanted(piece.events, scope_.wants);
    }
    return piece;
}

events::checkpoint archived_events::boundary_before(
    const events::checkpoint& goal, std::int64_t offsets
) {
    const auto end = at_.at + offsets;
    if (end >= goal.at) {
        return goal;
    }
    const auto found = database_.query(boundary_sql, postgres::params::of(partition_, at_.at, end));
    if (found.empty()) {
        return goal;
    }
    return {
        .at = found.get<events::offset>(0, 0),
        .reign = {found.get<events::offset>(0, 1), found.get<events::writer_id>(0, 2)},
        .next_sequence = found.get<std::int64_t>(0, 3) + 1
    };
}

}  // namespace teamflow::projections
