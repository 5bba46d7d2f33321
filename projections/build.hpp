#pragma once
// What the database says of a projection; a changed definition begins a new build (B6).

#include <string>
#include <vector>

#include "infra/asio.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/projector_step.hpp"

namespace teamflow::projections {

struct opened_build {
    build_state state;
    bool live = false;
    /// A build that is not live becomes so when all its partitions were read up to here.
    std::vector<events::position> target;
    /// Why the read model began anew; empty when it goes on where it was.
    std::string reason;
};

/// The database was written by a newer program: this one would mix up its read model.
class newer_build : public std::runtime_error {
public:
    newer_build(const projection& what, std::int32_t found);
};

/// The build has stopped, here or in another process: a human must decide.
class failed_build : public std::runtime_error {
public:
    explicit failed_build(const std::string& reason) : std::runtime_error(reason) {}
};

/// What to do with a build that has stopped.
enum class stopped_build { leave, resume };

/// Opens the build of `what` to go on with, with the checkpoints of all partitions. If the stored
/// definition is another one, the schema is dropped and made anew, with checkpoints before the
/// log's start: by one of the projectors that find it so, and all others are fenced out and find
/// the new build. `log_end` names the last offset of every partition. Throws newer_build,
/// failed_build, and infra::postgres_error: of the fence's SQLSTATE when another projector was
/// faster.
infra::task<opened_build> open_build(
    infra::postgres::connection& database,
    const projection& what,
    std::vector<events::position> log_end,
    stopped_build stopped
);

/// Rows of partition, offset, epoch_offset, epoch_writer and next_sequence.
std::vector<partition_checkpoint> checkpoints_in(const infra::postgres::result& rows);

/// Makes the build live if the checkpoints of all partitions have reached `target`, whoever moved
/// them. Returns whether it is live now.
infra::task<bool> settle_build(
    infra::postgres::connection& database,
    const projection& what,
    std::int64_t build,
    const std::vector<events::position>& target
);

/// Notes that a build has stopped and why.
infra::task<> mark_failed(
    infra::postgres::connection& database,
    const projection& what,
    std::int64_t build,
    std::string reason
);

}  // namespace teamflow::projections
