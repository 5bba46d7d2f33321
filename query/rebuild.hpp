#pragma once
// How rebuilds stand, and what one would take: what admins see of them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "events/record.hpp"
#include "events/time.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"
#include "projections/rebuild/rebuild_order.hpp"

namespace teamflow::query {

/// How far a build has come that is not live yet.
struct rebuild_progress {
    /// `folding`, `indexing`, `catching_up`, `comparing`, `swapping`, `done`, `aborted`, or
    /// `waiting` for a projector; `in_place` where the read model had to be made anew where it was.
    std::string stage = "in_place";
    double percent = 0;
    double events_per_second = 0;
    /// Null while there is no rate to tell it by.
    std::optional<std::int64_t> eta_seconds;
    /// It gives way to live read models that fall behind.
    bool throttled = false;
    bool is_undo = false;
    /// Why it stands still, and what to do.
    std::optional<std::string> error;
    std::optional<std::string> requested_by;
    std::optional<events::timestamp> requested_at;
    std::optional<events::timestamp> ended_at;
    /// `{"<partition>": percent}`.
    events::json::raw partitions{"{}"};
    /// What the comparison with the live build said; null before.
    events::json::raw comparison{"null"};
};
BOOST_DESCRIBE_STRUCT(
    rebuild_progress,
    (),
    (stage,
     percent,
     events_per_second,
     eta_seconds,
     throttled,
     is_undo,
     error,
     requested_by,
     requested_at,
     ended_at,
     partitions,
     comparison)
)

/// The newest rebuild of a projection.
struct rebuild_state {
    /// What the status of the projection is while it goes on; empty when it has ended.
    std::string status;
    rebuild_progress progress;
};

/// By projection; of all, or of the one of that name. Throws postgres_error.
infra::task<std::map<std::string, rebuild_state>> rebuild_states(
    infra::postgres::pool& database, std::optional<std::string> name
);

/// Sums up how far offsets have come to their targets. `partitions` come in order.
class progress_sum {
public:
    explicit progress_sum(std::string_view target);

    void add(events::partition_id partition, events::offset at);

    /// Fills percent, partitions, and by the rate eta_seconds.
    void tell(rebuild_progress& to, double events_per_second) const;

    [[nodiscard]] std::int64_t reached() const { return reached_; }

private:
    std::map<events::partition_id, events::offset> targets_;
    std::int64_t wanted_ = 0;
    std::int64_t reached_ = 0;
    std::string partitions_;
};

/// What a rebuild would read and make.
struct rebuild_estimate {
    std::string name;
    /// Of the types that the projection takes.
    std::int64_t events = 0;
    /// For the log as it is, by the rate of the last rebuild here or by one that was measured
    /// elsewhere: events of all types count, since all are passed over.
    std::int64_t seconds = 0;
    std::int64_t events_per_second = 0;
    /// Of the tables beside the live ones, which they then replace.
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(rebuild_estimate, (), (name, events, seconds, events_per_second, bytes))

/// Of a projection that is known to be there. Counts a sample where there is much to count. Throws
/// postgres_error.
infra::task<rebuild_estimate> estimate_rebuild(
    infra::postgres::pool& database, std::string name, std::vector<std::string> types
);

/// What became of a request (teamflow.request_rebuild).
struct rebuild_request {
    /// requested, unknown, running, building, no_previous.
    std::string outcome;
    /// Of one that is running already.
    std::optional<std::string> holder;
    std::optional<events::timestamp> since;
};
BOOST_DESCRIBE_STRUCT(rebuild_request, (), (outcome, holder, since))

/// Who acts, as infra::actor_of_admin reads it, and when.
struct admin_at {
    std::string name;
    events::timestamp now;
};

/// Asks for a rebuild, or for an undo, which history then tells of. Throws postgres_error.
infra::task<rebuild_request> request_rebuild(
    infra::postgres::pool& database,
    std::string name,
    admin_at by_whom,
    std::int64_t keep_seconds,
    bool is_undo
);

/// Lets a rebuild go on, rest or end, which history then tells of; false when none goes on. Throws
/// postgres_error.
infra::task<bool> steer_rebuild(
    infra::postgres::pool& database,
    std::string name,
    admin_at by_whom,
    projections::rebuild_wish wish
);

/// Why a request was not taken, for people; empty when it was.
std::string refusal_of(const rebuild_request& asked, std::string_view name);

}  // namespace teamflow::query
