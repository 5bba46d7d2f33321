#pragma once
// What teamflow.rebuilds says of a rebuild to whoever works on it, and the fence around that work.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/enum.hpp>

#include "infra/postgres/session.hpp"
#include "projections/projector_step.hpp"

namespace teamflow::projections {

/// How far a rebuild has come.
enum class rebuild_stage {
    waiting,      ///< nobody has begun
    folding,      ///< the log is folded into tables without indexes
    indexing,     ///< indexes are made
    catching_up,  ///< what happened meanwhile is folded
    comparing,    ///< with the live build
    swapping,     ///< it takes the place of the live build
    done,
    aborted,
};
BOOST_DESCRIBE_ENUM(
    rebuild_stage, waiting, folding, indexing, catching_up, comparing, swapping, done, aborted
)

/// What an admin wants of a rebuild.
enum class rebuild_wish { run, pause, abort };
BOOST_DESCRIBE_ENUM(rebuild_wish, run, pause, abort)

/// Where the tables of a build lie that is not the live one.
std::string schema_of_build(std::string_view projection, std::int64_t build);

/// A rebuild that this process has taken over.
struct rebuild_order {
    std::string projection;
    std::int64_t build = 0;
    bool is_undo = false;
    rebuild_stage stage = rebuild_stage::waiting;
    rebuild_wish wish = rebuild_wish::run;
    /// How long the build that it replaces is kept.
    std::int64_t keep_seconds = 0;
    /// The fence: no write of a holder counts once another one has a higher term.
    std::int64_t term = 0;

    /// Where its tables are made.
    [[nodiscard]] std::string schema() const { return schema_of_build(projection, build); }
};

/// How long a holder that says nothing keeps a rebuild from others.
inline constexpr std::chrono::seconds rebuild_lease_length{10};

// All of them block and throw postgres_error; with the term of an order that another process has
// taken over, its SQLSTATE is fenced_sqlstate.

/// Takes over the oldest rebuild that has no holder, or that `holder` has already.
std::optional<rebuild_order> take_rebuild(
    infra::postgres::session& database, std::string_view holder
);

/// First in every transaction that writes for an order.
void hold_term(infra::postgres::session& database, const rebuild_order& order);

/// Notes the next stage; in a transaction of its own unless one is open.
void enter_stage(
    infra::postgres::session& database, const rebuild_order& order, rebuild_stage stage
);

/// Notes why it stands still until an admin says otherwise, and lets go of it.
void note_error(
    infra::postgres::session& database, const rebuild_order& order, std::string_view error
);

/// The checkpoints of a build, by partition.
std::vector<partition_checkpoint> checkpoints_of_build(
    infra::postgres::session& database, std::string_view projection, std::int64_t build
);

/// Moves a checkpoint of the order's build. Within a transaction that holds the term.
void move_checkpoint(
    infra::postgres::session& database,
    const rebuild_order& order,
    events::partition_id partition,
    const events::checkpoint& to
);

/// The keys that wait behind poison in a build.
std::vector<std::string> parked_keys_of_build(
    infra::postgres::session& database, std::string_view projection, std::int64_t build
);

/// Where the commits lie that admins have given up.
std::set<place> skipped_places(infra::postgres::session& database, std::string_view projection);

}  // namespace teamflow::projections
