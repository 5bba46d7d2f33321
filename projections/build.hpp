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
    /// A build that is not live becomes so when it has read up to here.
    std::vector<events::position> target;
    /// Why the read model began anew; empty when it goes on where it was.
    std::string reason;
};

/// The database was written by a newer program: this one would mix up its read model.
class newer_build : public std::runtime_error {
public:
    newer_build(const projection& what, std::int32_t found);
};

/// Opens the build of `what` to go on with. If the stored definition is another one, the schema is
/// dropped and made anew, with checkpoints before the log's start. `log_end` names the last offset
/// of every partition. Must be called by one projector at a time. Throws newer_build,
/// infra::postgres_error.
infra::task<opened_build> open_build(
    infra::postgres::connection& database,
    const projection& what,
    std::vector<events::position> log_end
);

/// Notes that a build has reached its target.
infra::task<> mark_live(
    infra::postgres::connection& database, const projection& what, std::int64_t build
);

/// Notes that a build has stopped and why.
infra::task<> mark_failed(
    infra::postgres::connection& database,
    const projection& what,
    std::int64_t build,
    std::string reason
);

}  // namespace teamflow::projections
