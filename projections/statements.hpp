#pragma once
// The statements of projectors on the fixed tables (0004_projections.sql), with their parameters.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "events/fold.hpp"
#include "infra/postgres/connection.hpp"

namespace teamflow::projections {

/// What teamflow.move_checkpoints raises when a checkpoint is not where the caller left it:
/// somebody else is the projector now.
inline constexpr std::string_view fenced_sqlstate = "TF001";

/// What it raises when another build is the live one now: there is nobody else at work, only other
/// tables to go on with.
inline constexpr std::string_view replaced_sqlstate = "TF002";

/// The channel on which projectors announce how far they are.
inline constexpr std::string_view progress_channel = "teamflow_progress";

/// Parameters: projection, build, partitions, checkpoint_arrays from, checkpoint_arrays to.
inline constexpr infra::postgres::statement move_checkpoints{
    "move_checkpoints",
    "select teamflow.move_checkpoints($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
};

/// Parameters: those of parked_arrays.
inline constexpr infra::postgres::statement park_events{
    "park_events",
    "insert into teamflow.parked_events "
    "(projection, build, key, partition, \"offset\", commit_id, type, error) "
    "select $1, $2, * "
    "from unnest($3::text[], $4::integer[], $5::bigint[], $6::uuid[], $7::text[], $8::text[]) "
    "on conflict do nothing"
};

/// Parameters: the notice.
inline constexpr infra::postgres::statement notify_progress{
    "notify_progress", "select pg_notify('teamflow_progress', $1)"
};

/// Checkpoints as four parallel arrays.
class checkpoint_arrays {
public:
    void add(const events::checkpoint& each) {
        offsets_.push(each.at);
        epoch_offsets_.push(each.reign.claimed_at);
        epoch_writers_.push(each.reign.writer);
        next_sequences_.push(each.next_sequence);
    }

    void move_into(infra::postgres::params& with) {
        with.add(std::move(offsets_));
        with.add(std::move(epoch_offsets_));
        with.add(std::move(epoch_writers_));
        with.add(std::move(next_sequences_));
    }

private:
    using array = infra::postgres::array_param;

    array offsets_ = array::of<events::offset>();
    array epoch_offsets_ = array::of<events::offset>();
    array epoch_writers_ = array::of<events::writer_id>();
    array next_sequences_ = array::of<std::int64_t>();
};

/// Parked events of one projection.
class parked_arrays {
public:
    parked_arrays(std::string_view projection, std::int64_t build)
        : with_(infra::postgres::params::of(projection, build)) {}

    void add(std::string_view key, const events::record& event, std::string_view error) {
        keys_.push(key);
        partitions_.push(event.partition);
        offsets_.push(event.at);
        commits_.push(event.commit.id);
        types_.push(std::string_view(event.head.type));
        errors_.push(error);
    }

    /// Leaves nothing behind.
    infra::postgres::params take() {
        for (auto* each : {&keys_, &partitions_, &offsets_, &commits_, &types_, &errors_}) {
            with_.add(std::move(*each));
        }
        return std::move(with_);
    }

private:
    using array = infra::postgres::array_param;

    infra::postgres::params with_;
    array keys_ = array::of<std::string_view>();
    array partitions_ = array::of<events::partition_id>();
    array offsets_ = array::of<events::offset>();
    array commits_ = array::of<events::commit_id>();
    array types_ = array::of<std::string_view>();
    array errors_ = array::of<std::string_view>();
};

/// `<projection> <partition>@<offset>,...`: the payload of a notice on progress_channel.
std::string progress_notice(std::string_view projection, std::span<const events::position> reached);

/// `<projection> anew`: its read model begins again before the log's start.
std::string restart_notice(std::string_view projection);

}  // namespace teamflow::projections
